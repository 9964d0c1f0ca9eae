"""Reads of the checks: the raw rows that the second computation is given, and what earlier runs found."""

from reports.checks.queries.found import DifferenceLine as DifferenceLine
from reports.checks.queries.found import differences_of as differences_of
from reports.checks.queries.found import last_alarm as last_alarm
from reports.checks.queries.found import latest_checks as latest_checks
from reports.checks.queries.found import schools_that_differ as schools_that_differ
from reports.checks.queries.raw import Asked as Asked
from reports.checks.queries.raw import load_raw as load_raw
