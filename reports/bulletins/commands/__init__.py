"""Writes of bulletins: orders and schedules, and making and filing what they ask for."""

from reports.bulletins.commands.making import Made as Made
from reports.bulletins.commands.making import make_bulletins as make_bulletins
from reports.bulletins.commands.making import note_download as note_download
from reports.bulletins.commands.making import paper_of as paper_of
from reports.bulletins.commands.orders import FILE_JOB as FILE_JOB
from reports.bulletins.commands.orders import Wanted as Wanted
from reports.bulletins.commands.orders import order_bulletins as order_bulletins
from reports.bulletins.commands.orders import order_scheduled as order_scheduled
from reports.bulletins.commands.orders import set_schedule as set_schedule
