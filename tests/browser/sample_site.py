"""A site with something to see on every page of its console."""

from __future__ import annotations

from tests.harness.console import Operator, Service
from tests.harness.site import APPID, Site
from tests.harness.traveller import BEIJING, GUANGZHOU, HONG_KONG, SHENZHEN, Traveller

SETTINGS = {"WXLOGIN_TRUSTED_HOPS": "1", "WXLOGIN_RULE_FAIL_IP": "30/hour"}
"""What the scene needs: users come from somewhere, and a flood is an alert soon."""

USERS = (
    ("alice", SHENZHEN, {"platform": "ios", "device_name": "Alice's iPhone"}),
    ("bob", GUANGZHOU, {"platform": "android", "device_name": "小米 14"}),
    ("carol", BEIJING, {"platform": "windows", "device_name": "ThinkPad"}),
    ("dave", HONG_KONG, {"platform": "ohos", "device_name": "Mate 70"}),
)
LOGINS = (1, 1, 0, 0, 1, 2, 3, 4, 4, 3, 2, 3, 4, 3, 2, 3, 4, 4, 2, 1)
"""How many of the users log in, hour by hour."""
FORGED = 40


class Scene:
    """Users who logged in through a day, one of them banned; a flood, a colleague, a webhook."""

    def __init__(self, site: Site, owner: Operator) -> None:
        self.site = site
        self.appid = APPID
        self.users = [Traveller(site, name, **device) for name, _, device in USERS]
        self._live_through_a_day()
        self._tell_of_alice()
        self._forge()
        self.owner = owner.sign_in()
        self.admin = Operator(site, "viewer", "victor").id
        self.token = Service(site, "introspect", "identity").id
        webhook = {"url": "https://shop.example.com/events", "events": ["user.erased"]}
        self.webhook = str(owner.done("POST", "/webhooks", json=webhook)["id"])
        reason = {"reason": "sells accounts in the comments"}
        owner.done("POST", f"/users/{self.users[1].user_id}/ban", json=reason)
        site.app.extensions["wxlogin"].watch.recorder.flush()
        self.alert = str(owner.done("GET", "/alerts?limit=1")["items"][0]["id"])

    @property
    def user(self) -> str:
        """Alice's public id."""
        return self.users[0].user_id

    @property
    def session(self) -> str:
        """The handle of Alice's latest session."""
        return f"{self.user}.{self.users[0].session_id}"

    @property
    def find(self) -> str:
        """The page of a search that found several things."""
        form = {"csrf_token": self.owner.csrf_token, "q": BEIJING}
        cookie = {"Cookie": f"wxlogin_admin={self.owner.cookie}"}
        answer = self.site.request(
            "POST", "/admin/find", data=form, headers=cookie, allow_redirects=False
        )
        return answer.headers["Location"].rpartition("/")[2]

    @property
    def selection(self) -> str:
        """The name of a selection of users and of sessions."""
        form = {"csrf_token": self.owner.csrf_token, "selected": [self.user, self.session]}
        cookie = {"Cookie": f"wxlogin_admin={self.owner.cookie}"}
        answer = self.site.request(
            "POST", "/admin/users/selected", data=form, headers=cookie, allow_redirects=False
        )
        return answer.headers["Location"].split("/")[-2]

    def _live_through_a_day(self) -> None:
        for number in LOGINS:
            for user, (_, address, _) in list(zip(self.users, USERS, strict=True))[:number]:
                user.login_from(address)
            self.site.clock.forward(3600)
        self.users[0].login_from(BEIJING)

    def _tell_of_alice(self) -> None:
        """Let her page hand on phone number and profile."""
        world = self.site.sandbox.world
        for path, data in (("phone", world.phone), ("profile", world.profile)):
            assert self.users[0].ask("POST", f"/v1/decrypt/{path}", json=data("alice")).ok

    def _forge(self) -> None:
        """Send what a stranger would, often enough to raise an alert."""
        token = f"wxs_{'A' * 64}.{'A' * 43}"
        forged = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "203.0.113.9"}
        for _ in range(FORGED):
            self.site.request("GET", "/v1/session", headers=forged)
