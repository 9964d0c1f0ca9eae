"""Making an extract: read what a place is counted from, ask the gate about every school, count what may leave."""

from reports.extracts.queries.kept import MOST_SCHOOLS_KEPT as MOST_SCHOOLS_KEPT
from reports.extracts.queries.kept import OF_ALL as OF_ALL
from reports.extracts.queries.kept import OF_SCHOOL as OF_SCHOOL
from reports.extracts.queries.kept import kept_extract as kept_extract
from reports.extracts.queries.kept import state_of as state_of
from reports.extracts.queries.rows import Prepared as Prepared
from reports.extracts.queries.rows import prepare_extract as prepare_extract
from reports.extracts.queries.rows import prepare_schools as prepare_schools
