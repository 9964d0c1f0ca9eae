"""The steps of enrolment, each one transaction, dated, repeatable (a key made with the form), audited, undoable."""

from app.school.enrolment.commands.enrolling import NewPupil as NewPupil
from app.school.enrolment.commands.enrolling import enrol_pupil as enrol_pupil
from app.school.enrolment.commands.steps import Destination as Destination
from app.school.enrolment.commands.steps import Step as Step
from app.school.enrolment.commands.steps import accept_transfer as accept_transfer
from app.school.enrolment.commands.steps import correct_date as correct_date
from app.school.enrolment.commands.steps import end_enrolment as end_enrolment
from app.school.enrolment.commands.steps import move_pupil as move_pupil
from app.school.enrolment.commands.steps import return_pupil as return_pupil
from app.school.enrolment.commands.steps import transfer_pupil as transfer_pupil
from app.school.enrolment.commands.steps import undo_change as undo_change
