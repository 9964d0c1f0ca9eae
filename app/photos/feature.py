"""Photographs of pupils as a feature; the kernel's feature list takes it in."""

from __future__ import annotations

from app.access import Route
from app.facts import Subscriber
from app.forgetting import rows_gone
from app.i18n import N_
from app.merging import rows_of
from app.photos.commands import EnrolmentMoved, forget_leaver
from app.photos.models import PupilPhoto
from app.photos.rules import KEEP_PHOTOS, SEE_PHOTO_SWITCH, SWITCH_PHOTOS, VIEW_PHOTOS
from app.photos.views import bp, class_part
from app.wiring import ClassPart, Feature

POST = ("POST",)
PHOTOS = Feature(
    name="photos",
    blueprints=(bp,),
    routes=(
        Route("photos.index", SEE_PHOTO_SWITCH, target="school_id"),
        Route("photos.switch_on", SWITCH_PHOTOS, target="school_id", methods=POST),
        Route("photos.switch_off", SWITCH_PHOTOS, target="school_id", methods=POST),
        Route("photos.of_class", VIEW_PHOTOS, target="class_id"),
        Route("photos.for_sheet", VIEW_PHOTOS, target="class_id"),
        Route("photos.keep", KEEP_PHOTOS, target="pupil_id", methods=POST),
        Route("photos.delete", KEEP_PHOTOS, target="pupil_id", methods=POST),
    ),
    class_parts=(ClassPart("photos/class_part.html", class_part, order=60),),
    belongings=(rows_of(PupilPhoto, N_("Ảnh học sinh"), unique=("school_id",)),),
    traces=(rows_gone(PupilPhoto, N_("Ảnh học sinh")),),
    subscribers=(Subscriber("photos.leavers", "EnrolmentChanged", EnrolmentMoved, forget_leaver),),
)
