"""Accounts as features: signing in, for every installation; looking after accounts, where there are schools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_security.utils import hash_password

from app import db
from app.access import PUBLIC, SIGNED_IN, Route
from app.accounts.cli import account_cli
from app.accounts.commands.forgetting import ACCOUNTS_OF_PUPIL
from app.accounts.commands.runs import RUN_JOB, make_accounts
from app.accounts.commands.slips import forget_old_slips
from app.accounts.models import Grant
from app.accounts.queries import actor_named
from app.accounts.rules.powers import GIVE_ROLES, MANAGE_ACCOUNTS, VIEW_ACCESS
from app.accounts.views import access, bp, bulk, confirming, device, managing, steps  # noqa: F401 - loading them adds their pages to `bp`
from app.i18n import N_
from app.jobs import JobContext, JobKind, Periodic
from app.merging import rows_of
from app.wiring import Feature, NavGroup, NavItem

if TYPE_CHECKING:
    from collections.abc import Mapping

BOTH = ("GET", "POST")
POST = ("POST",)

ACCOUNTS = Feature(
    name="accounts",
    blueprints=(bp,),
    routes=(
        Route("accounts.sign_in", PUBLIC, methods=BOTH),
        Route("accounts.give_code", PUBLIC, methods=BOTH),
        Route("accounts.passkey_challenge", PUBLIC, methods=POST),
        Route("accounts.give_passkey", PUBLIC, methods=POST),
        Route("accounts.first_password", PUBLIC, methods=BOTH),
        Route("accounts.enrol", PUBLIC, methods=BOTH),
        Route("accounts.enrol_challenge", PUBLIC, methods=POST),
        Route("accounts.enrol_passkey", PUBLIC, methods=POST),
        Route("accounts.choose_language", PUBLIC, methods=POST),
        Route("accounts.sign_out", SIGNED_IN, methods=POST),
        Route("accounts.sign_out_everywhere", SIGNED_IN, methods=POST),
        Route("accounts.end_device", SIGNED_IN, target="sign_in_id", methods=POST),
        Route("accounts.account", SIGNED_IN),
        Route("accounts.device", SIGNED_IN),
        Route("accounts.change_password", SIGNED_IN, methods=POST),
        Route("accounts.second_factor", SIGNED_IN),
        Route("accounts.set_up_second_factor", SIGNED_IN, methods=POST),
        Route("accounts.renew_codes", SIGNED_IN, methods=POST),
        Route("accounts.new_passkey_challenge", SIGNED_IN, methods=POST),
        Route("accounts.add_passkey", SIGNED_IN, methods=POST),
        Route("accounts.rename_passkey", SIGNED_IN, target="passkey_id", methods=POST),
        Route("accounts.remove_passkey", SIGNED_IN, target="passkey_id", methods=POST, fresh_factor=True),
        Route("accounts.confirm", SIGNED_IN),
        Route("accounts.confirm_code", SIGNED_IN, methods=POST),
        Route("accounts.confirm_challenge", SIGNED_IN, methods=POST),
        Route("accounts.confirm_passkey", SIGNED_IN, methods=POST),
        Route("accounts.people", MANAGE_ACCOUNTS),
        Route("accounts.new_account", MANAGE_ACCOUNTS, target="school_id", methods=BOTH),
        Route("accounts.person", MANAGE_ACCOUNTS, target="user_id"),
        Route("accounts.reset_person", MANAGE_ACCOUNTS, target="user_id", methods=POST),
        Route("accounts.switch_person", MANAGE_ACCOUNTS, target="user_id", methods=POST),
        Route("accounts.end_persons_devices", MANAGE_ACCOUNTS, target="user_id", methods=POST),
        Route("accounts.end_persons_device", MANAGE_ACCOUNTS, target="user_id", methods=POST),
        Route("accounts.remove_persons_factor", MANAGE_ACCOUNTS, target="user_id", methods=POST),
        Route("accounts.slips", MANAGE_ACCOUNTS, target="slip_id", fresh_factor=True),
        Route("accounts.show_slips", MANAGE_ACCOUNTS, target="slip_id", methods=POST, fresh_factor=True),
        Route("accounts.take_slips_file", MANAGE_ACCOUNTS, target="slip_id", methods=POST, fresh_factor=True),
        Route("accounts.bulk", MANAGE_ACCOUNTS, target="school_id"),
        Route("accounts.order_run", MANAGE_ACCOUNTS, target="school_id", methods=POST),
        Route("accounts.run_progress", MANAGE_ACCOUNTS, target="run_id"),
        Route("accounts.take_run_slips", MANAGE_ACCOUNTS, target="run_id", methods=POST, fresh_factor=True),
        Route("accounts.access", VIEW_ACCESS),
        Route("accounts.class_access", VIEW_ACCESS, target="class_id"),
        Route("accounts.give_grant", GIVE_ROLES, target="user_id", methods=BOTH),
        Route("accounts.end_grant", GIVE_ROLES, target="grant_id", methods=BOTH),
    ),
    commands=(account_cli,),
    in_hub=True,
)


def _run_accounts(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    made = make_accounts(actor, payload["run_id"], hash_password, managing.slip_sealer(), context.report)
    return {"slips": made}


MANAGING = Feature(
    name="managing accounts",
    jobs=(JobKind(RUN_JOB, _run_accounts),),
    nav=(
        NavItem(N_("Tài khoản"), "accounts.people", "key", MANAGE_ACCOUNTS, order=60, group=NavGroup.SYSTEM),
        NavItem(N_("Quyền xem lớp"), "accounts.access", "eye", VIEW_ACCESS, order=61, group=NavGroup.SYSTEM),
    ),
    traces=(ACCOUNTS_OF_PUPIL,),
    belongings=(rows_of(Grant, N_("Quyền truy cập gắn với em")),),
    periodic=(Periodic("accounts.forget_slips", 3600, forget_old_slips),),
)
