"""Mini-programs and users, put together."""

from __future__ import annotations

from collections.abc import Callable

from config import Settings
from wxlogin.accounts import (
    AppAccess,
    AppAdmin,
    Apps,
    Bans,
    Erasure,
    FirstLogins,
    KeyUsage,
    PhoneNumberUsage,
    Reconciliation,
    SessionRevocation,
    TokenResets,
    UserDirectory,
    UserKeys,
    Users,
)
from wxlogin.accounts.applied_changes import AppliedChanges
from wxlogin.accounts.avatars import Avatars
from wxlogin.accounts.duplicates import Merging
from wxlogin.accounts.external_ids import ExternalIds
from wxlogin.accounts.first_logins import RiskPolicy
from wxlogin.accounts.login_records import LoginRecords
from wxlogin.accounts.nickname_checks import NicknameChecks
from wxlogin.accounts.personal_data import PersonalData
from wxlogin.accounts.persons import Persons
from wxlogin.accounts.profiles import Profiles
from wxlogin.accounts.push_effects import PushEffects
from wxlogin.accounts.push_keys import PushKeyring
from wxlogin.accounts.risk_ranks import RiskRanks
from wxlogin.accounts.user_files import build_user_files
from wxlogin.background_task import BackgroundTask
from wxlogin.error_mapping import entry_of
from wxlogin.extensions import db
from wxlogin.limits.rate_limits import RateLimits
from wxlogin.redisdb import connect
from wxlogin.service_error import ServiceError
from wxlogin.services import (
    Accounts,
    Sessions,
    Watch,
    WeChat,
)
from wxlogin.sessions.end_notes import EndNotes
from wxlogin.watch.personal_records import records_of_users
from wxlogin.watch.recorder import Recorder
from wxlogin.wechat import (
    Credentials,
)
from wxlogin.wechat.message_crypto import PushKeys
from wxlogin.wiring.infrastructure import Infrastructure, build_reconciliation


def build_accounts(
    infra: Infrastructure, rates: RateLimits, sessions: Sessions, wechat: WeChat, watch: Watch
) -> Accounts:
    """Put mini-programs and users together."""
    settings, clock, sql, single, scripts, vault, index, _, version, webhooks = infra
    ids, store, refused = sessions.id_propagation, sessions.store, _record_refusal(watch.recorder)
    outbox, client, access_tokens = webhooks.outbox, wechat.client, wechat.access_tokens
    resets = TokenResets(infra.sql, vault, access_tokens, clock)
    reset_task = BackgroundTask("token-resets", resets.run)
    push = PushKeyring(vault, clock, settings.wx_appid, _configured_push(settings))
    apps = Apps(db.session, version, vault, clock, _configured(settings), push, reset_task.schedule)
    persons = Persons(db.session, vault, index, outbox, ids, by_phone=settings.join_by_phone)
    users = Users(db.session, single, vault, index, clock, outbox, persons)
    bans = Bans(db.session, store, clock, outbox)
    profiles = Profiles(db.session, sql, vault, outbox)
    directory = UserDirectory(db.session, single, vault, index, clock, apps)
    erasure = Erasure(db.session, store, rates, clock, outbox, EndNotes(scripts))
    records = records_of_users(watch.recorder, watch.timeline, watch.acts, webhooks.history)
    return Accounts(
        apps=apps,
        app_access=AppAccess(db.session, apps, store, AppliedChanges(scripts), clock),
        app_admin=AppAdmin(db.session, apps, push, client, access_tokens, clock, outbox),
        token_resets=resets,
        reset_task=reset_task,
        users=users,
        login_records=LoginRecords(sql, single, outbox, clock),
        first_logins=_first_logins(infra, users, wechat, watch.recorder),
        directory=directory,
        avatars=_avatars(infra),
        phone_calls=_phone_calls(infra, watch.recorder),
        persons=persons,
        external_ids=ExternalIds(db.session, ids),
        user_files=build_user_files(sql, vault, index, clock, persons, ids),
        user_keys=UserKeys(apps, users, sessions.keys, client, access_tokens, refused),
        profiles=profiles,
        nickname_checks=NicknameChecks(apps, users, profiles, client, access_tokens),
        personal_data=PersonalData(directory, store, records, clock),
        bans=bans,
        session_revocation=SessionRevocation(db.session, store, clock),
        erasure=erasure,
        push_effects=PushEffects(db.session, users, erasure, outbox),
        reconciliation=_reconciliation(infra),
        merging=Merging(db.session, vault, index, store, bans, ids, clock),
        key_usage=_key_usage(infra),
    )


def _reconciliation(infra: Infrastructure) -> Reconciliation:
    # Its client uses any server: this is what reconciles them.
    client = connect(infra.settings.redis_url)
    return build_reconciliation(infra.settings, infra.clock, infra.sql, client)


def _avatars(infra: Infrastructure) -> Avatars:
    hosts, unrestricted = infra.settings.avatar_hosts, infra.webhooks.unrestricted
    return Avatars(db.session, hosts, infra.clock, unrestricted=unrestricted)


def _configured(settings: Settings) -> Credentials:
    return Credentials(settings.wx_appid, settings.wx_secret)


def _configured_push(settings: Settings) -> PushKeys:
    return PushKeys(settings.wx_push_token, settings.wx_push_aes_key)


def _first_logins(
    infra: Infrastructure, users: Users, wechat: WeChat, recorder: Recorder
) -> FirstLogins:
    ranks = RiskRanks(wechat.advice, wechat.access_tokens, recorder.risk_unknown)
    policy = RiskPolicy(infra.settings.risk_rank, infra.settings.risk_refuse)
    outbox, write_events = infra.webhooks.outbox, recorder.flush
    return FirstLogins(infra.sql, db.session, users, outbox, ranks, policy, write_events)


def _phone_calls(infra: Infrastructure, recorder: Recorder) -> PhoneNumberUsage:
    most, record_many = infra.settings.rule_phone_calls, recorder.many_phone_calls
    return PhoneNumberUsage(infra.scripts, infra.clock, most, record_many)


def _key_usage(infra: Infrastructure) -> KeyUsage:
    settings, redis = infra.settings, infra.scripts.redis
    rings = settings.secret_keys, settings.data_keys, settings.index_keys
    return KeyUsage(db.session, redis, infra.clock, *rings)


def _record_refusal(recorder: Recorder) -> Callable[[ServiceError, str, str], str]:
    """Return a function that records an error of a user and app, and returns its code."""

    def record(error: ServiceError, user: str, app: str) -> str:
        code = entry_of(error).code
        recorder.refused(code, user=user, app=app)
        return code

    return record
