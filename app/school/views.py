"""Pages of the school: its classes, a class with its pupils."""

from __future__ import annotations

from flask import Blueprint, render_template

from app import clock, db
from app.http import current_actor
from app.school import queries
from app.school.rules import IMPORT_ROSTER, PRINT_CARDS, VIEW_CLASS, VIEW_SCHOOL
from app.school.timetables.rules.days import ARRANGE_SUBSTITUTES

bp = Blueprint("school", __name__, template_folder="templates")


@bp.get("/schools")
def schools() -> str:
    """List the schools that the person may see."""
    found = queries.schools_for(current_actor(), VIEW_SCHOOL)
    counts = queries.school_counts(db.session(), [unit.id for unit in found], clock.today())
    return render_template("school/schools.html", schools=found, counts=counts)


@bp.get("/schools/<int:school_id>")
def school(school_id: int) -> str:
    """Show a school: its classes of this year with their sizes."""
    actor, today = current_actor(), clock.today()
    unit = queries.school_for(actor, VIEW_SCHOOL, school_id)
    year = queries.latest_year(db.session(), today)
    classes = queries.classes_of_school(db.session(), school_id, year.id) if year else []
    place = queries.place_of_unit(school_id)
    return render_template(
        "school/school.html",
        unit=unit,
        year=year,
        classes=classes,
        sizes=queries.class_sizes(db.session(), [row.id for row in classes], today),
        may_open_class=actor.may(VIEW_CLASS, place),
        may_import=actor.may(IMPORT_ROSTER, place),
        may_arrange=actor.may(ARRANGE_SUBSTITUTES, place),
    )


@bp.get("/classes")
def classes() -> str:
    """List the classes that the person may see this year."""
    actor, today = current_actor(), clock.today()
    year = queries.latest_year(db.session(), today)
    found = queries.classes_for(actor, VIEW_CLASS, year.id) if year else []
    sizes = queries.class_sizes(db.session(), [row.id for row in found], today)
    return render_template("school/classes.html", classes=found, sizes=sizes, year=year)


@bp.get("/classes/<int:class_id>")
def school_class(class_id: int) -> str:
    """Show a class with its pupils of today, by given name."""
    actor, today = current_actor(), clock.today()
    found = queries.class_for(actor, VIEW_CLASS, class_id)
    return render_template(
        "school/class.html",
        school_class=found,
        pupils=queries.pupils_in_class(db.session(), class_id, today),
        may_print_cards=actor.may(PRINT_CARDS, queries.place_of_class(found)),
    )
