"""Two phone numbers of one user at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

from tests.harness.held_statement import HeldStatement
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.sql import UserRow

TOLD, OWN = "13900139001", "13900139002"
SECONDS = 0.5
"""As long as the second number is given to overtake the first, if it can."""


def save(site: Site, phone: Phone, number: str, *, told: bool) -> None:
    """Save a number as `POST /v1/decrypt/phone` does."""
    fields = {"phoneNumber": number, "purePhoneNumber": number, "countryCode": "86"}
    with site.app.app_context():
        site.services.accounts.users.save_phone(phone.user_id, fields, told=told)


def test_a_number_that_came_through_the_phone_is_never_one_that_wechat_told(
    site: Site, phone: Phone
) -> None:
    site.tokens |= {TOLD, OWN}
    phone.login()
    save(site, phone, OWN, told=False)
    with HeldStatement(site, "phone_sealed=") as held, ThreadPoolExecutor(2) as pool:
        own = pool.submit(save, site, phone, OWN, told=False)
        assert held.arrived()
        told = pool.submit(save, site, phone, TOLD, told=True)
        wait([told], SECONDS)
        held.let_go()
        own.result(20), told.result(20)
    row = UserRow(site, phone.user_id)
    is_told = row.opened("phone_sealed")["purePhoneNumber"] == TOLD
    assert bool(row.column("phone_told")) == is_told
