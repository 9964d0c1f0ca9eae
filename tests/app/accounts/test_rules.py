"""Rules of accounts as laws: user names, first passwords, powers, codes, seals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.access import Actor, HeldGrant, Place, Role
from app.accounts.rules import password_fault
from app.accounts.rules.names import USERNAME, first_password, free_username, username_stem
from app.accounts.rules.powers import MAY_GIVE, DatedGrant, is_below, roles_to_give
from app.accounts.rules.sealing import Sealer
from app.accounts.rules.steps import (
    Standing,
    Step,
    clean_recovery_code,
    new_recovery_codes,
    new_secret,
    next_step,
    otpauth_uri,
    used_step,
)

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""RFC 6238, appendix B: the ASCII key 12345678901234567890."""
TODAY = date(2026, 10, 5)
SCHOOL = Place(frozenset({1, 2, 3}))


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Nguyễn Văn An", "nguyen.van.an"),
        ("Điểu K'Rân", "dieu.k.ran"),
        ("Đặng Thị Ước", "dang.thi.uoc"),
        ("Y Bloong", "y.bloong"),
        ("  ", "tai.khoan"),
        ("=cmd()", "cmd"),
    ],
)
def test_user_names_come_from_names(name: str, stem: str) -> None:
    assert username_stem(name) == stem


@settings(deadline=None)
@given(st.text(max_size=200), st.sets(st.integers(1, 20)))
def test_every_name_gives_a_free_fit_user_name(name: str, numbers: set[int]) -> None:
    stem = free_username(name, set())
    taken = {stem if number == 1 else f"{stem}{number}" for number in numbers}
    found = free_username(name, taken)
    assert found not in taken
    assert USERNAME.fullmatch(found)


def test_first_passwords_are_fit_and_never_alike() -> None:
    made = {first_password() for _ in range(200)}
    assert len(made) == 200
    assert all(password_fault(password, "nguyen.van.an") is None for password in made)


def actor(role: Role, unit_id: int = 3) -> Actor:
    return Actor(7, "x", (HeldGrant(role, unit_id),))


def test_powers_end_below_the_own_and_at_the_own_unit() -> None:
    for role, given_roles in MAY_GIVE.items():
        assert roles_to_give(actor(role), SCHOOL) == given_roles
        assert roles_to_give(actor(role, 99), SCHOOL) == frozenset()
        assert role is Role.SYSTEM_ADMINISTRATOR or role not in given_roles
    for role in set(Role) - set(MAY_GIVE):
        assert roles_to_give(actor(role), SCHOOL) == frozenset()


@settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # a busy machine is no fault of the rule
@given(st.lists(st.sampled_from(list(Role)), min_size=1, max_size=4))
def test_an_account_is_below_only_when_every_grant_is(roles: list[Role]) -> None:
    grants = [DatedGrant(role, SCHOOL, TODAY, None) for role in roles]
    for giver in MAY_GIVE:
        assert is_below(actor(giver), grants, TODAY) == (set(roles) <= MAY_GIVE[giver])
        assert not is_below(actor(giver, 99), grants, TODAY)


def test_what_is_over_counts_only_where_nothing_else_is_left() -> None:
    over = DatedGrant(Role.PRINCIPAL, SCHOOL, TODAY - timedelta(days=9), TODAY)
    teacher = DatedGrant(Role.TEACHER, SCHOOL, TODAY, None)
    assert is_below(actor(Role.OFFICE_CLERK), [over, teacher], TODAY)
    assert not is_below(actor(Role.OFFICE_CLERK), [over], TODAY)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    assert used_step(RFC_SECRET, code, seconds, None) == seconds // 30
    assert used_step(RFC_SECRET, f" {code[:3]} {code[3:]}", seconds + 30, None) == seconds // 30
    assert used_step(RFC_SECRET, code, seconds + 90, None) is None
    assert used_step(RFC_SECRET, code, seconds, seconds // 30) is None


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_the_check_of_codes(typed: str) -> None:
    step = used_step(RFC_SECRET, typed, 59, None)
    assert step in {None, 0, 1, 2}


def test_the_address_for_the_app_names_us() -> None:
    uri = otpauth_uri(new_secret(), "an.gv", "Bảng Xanh")
    assert uri.startswith("otpauth://totp/B%E1%BA%A3ng%20Xanh:an.gv?secret=")


def test_recovery_codes_are_found_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert all(clean_recovery_code(f" {code.upper().replace('-', ' ')} ") == code for code in codes)


@settings(deadline=None)  # deriving a key takes what the machine has left
@given(st.text(max_size=100), st.text(max_size=100))
def test_a_seal_opens_with_its_own_key_and_purpose_only(text: str, other: str) -> None:
    sealer = Sealer("k" * 40, "slips")
    sealed = sealer.seal(text)
    assert sealer.open(sealed) == text
    assert Sealer("k" * 40, "second-factor").open(sealed) is None
    assert Sealer("m" * 40, "slips").open(sealed) is None
    assert sealer.open(other) is None


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_steps_end_and_a_code_comes_before_all_else(
    has: bool,  # noqa: FBT001 - as Hypothesis hands them in
    gave: bool,  # noqa: FBT001
    must: bool,  # noqa: FBT001
    needs: bool,  # noqa: FBT001
) -> None:
    step = next_step(Standing(has, gave, must, needs))
    if has and not gave:
        assert step is Step.CODE
    elif must:
        assert step is Step.PASSWORD
    else:
        assert step is (Step.ENROLMENT if needs and not has else None)


@pytest.mark.parametrize(
    "password",
    [
        "Matkhau@2026", "mat khau 123", "qwerty123456", "giaovien.thcs1", "P@ssw0rd2026", "0985462713", "1234567890",
        "poiuytrewq", "aaaabbbbcccc1", "BangXanh2026!", "iloveyou123", "Đồng-Xoài-1", "Vănthư_0102",
    ],
)  # fmt: skip
def test_what_guessers_try_first_is_no_password(password: str) -> None:
    assert password_fault(password, "nguyen.van.an") is not None


@pytest.mark.parametrize(
    "password",
    [
        "con mèo yêu nhà trường",
        "thứ bảy đi câu cá",
        "Xk3!vqT9mWz",
        "một tiếng trống trường",
        "hoa phượng nở rồi",
    ],
)
def test_a_sentence_or_drawn_letters_are_one(password: str) -> None:
    assert password_fault(password, "nguyen.van.an") is None
