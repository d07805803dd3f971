"""A site with something to see on every page of its console."""

from __future__ import annotations

from tests.harness.console import Operator, Service
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site

HOURS = 20
PHONES = (
    ("alice", {"platform": "ios", "device_name": "Alice's iPhone"}),
    ("bob", {"platform": "android", "device_name": "小米 14"}),
    ("carol", {"platform": "windows"}),
    ("dave", {"platform": "ohos", "device_name": "Mate 70"}),
)


class Scene:
    """Users who signed in through a day, one banned, one flood, a colleague, a token."""

    def __init__(self, site: Site, owner: Operator) -> None:
        self.site = site
        self.owner = owner.sign_in()
        self.alice = Phone(site, "alice", platform="ios", device_name="Alice's iPhone")
        self._live_through_a_day()
        self._forge()
        self.appid = APPID
        self.admin = Operator(site, "viewer", "victor").id
        self.token = Service(site, "introspect", "identity").id
        self.owner.sign_in()
        self.session = f"{self.alice.user_id}.{self.alice.session_id}"
        body = {"reason": "sells accounts in the comments"}
        self.owner.done("POST", f"/users/{self.bob}/ban", json=body)
        site.app.extensions["wxlogin"].recorder.flush()

    @property
    def user(self) -> str:
        """Alice's public id."""
        return self.alice.user_id

    def _live_through_a_day(self) -> None:
        for hour in range(HOURS):
            for user, device in PHONES[: 1 + hour * 7 % len(PHONES)]:
                phone = Phone(self.site, user, **device)
                phone.login()
                if user == "bob":
                    self.bob = phone.user_id
            self.site.clock.forward(3600)
        self.alice.login()
        world = self.site.sandbox.world
        for path, body in (("phone", world.phone("alice")), ("profile", world.profile("alice"))):
            assert self.alice.ask("POST", f"/v1/decrypt/{path}", json=body).ok

    def _forge(self) -> None:
        """Send what a stranger would, often enough to raise an alert."""
        for _ in range(40):
            self.site.request("GET", "/v1/session", headers={"Authorization": "Bearer wxs_forged"})
