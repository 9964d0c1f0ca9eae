"""The CSV binding as data: files, columns in their order, which must be filled, and the words that columns may hold.

Source: 1EdTech OneRoster 1.1 CSV Tables (2017) and OneRoster CSV Binding 1.2.1 (2023). Gradebook and resource files are
known by name only: this product neither reads nor writes them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Version(StrEnum):
    """A version of the standard; 1.0 had other columns and is refused."""

    V1_1 = "1.1"
    V1_2 = "1.2"


class Mode(StrEnum):
    """What the manifest says of a file: everything, the changes, or that there is none."""

    BULK = "bulk"
    DELTA = "delta"
    ABSENT = "absent"


class File(StrEnum):
    """The files that are read. The value is the name in the manifest (`file.users`) and, with .csv, in the zip."""

    ORGS = "orgs"
    SESSIONS = "academicSessions"
    COURSES = "courses"
    CLASSES = "classes"
    USERS = "users"
    ROLES = "roles"
    ENROLLMENTS = "enrollments"
    DEMOGRAPHICS = "demographics"

    @property
    def file_name(self) -> str:
        """The name in the zip."""
        return f"{self}.csv"


MANIFEST: Final = "manifest.csv"
_HEAD: Final = ("sourcedId", "status", "dateLastModified")
_PERSON: Final = ("givenName", "familyName", "middleName", "identifier", "email", "sms", "phone",
                  "agentSourcedIds", "grades", "password")  # fmt: skip
_COMMON: Final[Mapping[File, tuple[str, ...]]] = {
    File.ORGS: (*_HEAD, "name", "type", "identifier", "parentSourcedId"),
    File.SESSIONS: (*_HEAD, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    File.COURSES: (*_HEAD, "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects",
                   "subjectCodes"),
    File.CLASSES: (*_HEAD, "title", "grades", "courseSourcedId", "classCode", "classType", "location",
                   "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods"),
    File.ENROLLMENTS: (*_HEAD, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate",
                       "endDate"),
    File.DEMOGRAPHICS: (*_HEAD, "birthDate", "sex", "americanIndianOrAlaskaNative", "asian",
                        "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
                        "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity", "countryOfBirthCode",
                        "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus"),
}  # fmt: skip
COLUMNS: Final[Mapping[Version, Mapping[File, tuple[str, ...]]]] = {
    Version.V1_1: {
        **_COMMON,
        File.USERS: (*_HEAD, "enabledUser", "orgSourcedIds", "role", "username", "userIds", *_PERSON),
    },
    Version.V1_2: {
        **_COMMON,
        File.USERS: (*_HEAD, "enabledUser", "username", "userIds", *_PERSON, "userMasterIdentifier",
                     "preferredGivenName", "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId",
                     "pronouns"),
        File.ROLES: (*_HEAD, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId",
                     "userProfileSourcedId"),
    },
}  # fmt: skip
_FILLED: Final[Mapping[File, tuple[str, ...]]] = {
    File.ORGS: ("name", "type"),
    File.SESSIONS: ("title", "type", "startDate", "endDate", "schoolYear"),
    File.COURSES: ("title", "orgSourcedId"),
    File.CLASSES: ("title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds"),
    File.USERS: ("enabledUser", "givenName", "familyName"),
    File.ROLES: ("userSourcedId", "roleType", "role", "orgSourcedId"),
    File.ENROLLMENTS: ("classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
    File.DEMOGRAPHICS: (),
}
ESSENTIAL: Final[Mapping[File, tuple[str, ...]]] = {
    File.USERS: ("sourcedId", "givenName", "familyName"),
    File.CLASSES: ("sourcedId", "title"),
    File.ENROLLMENTS: ("classSourcedId", "userSourcedId", "role"),
    File.ROLES: ("userSourcedId", "role"),
}
"""Columns without which a file says nothing to us; any other missing column is a fault, and the file is read."""


def filled(version: Version, file: File) -> tuple[str, ...]:
    """Return the columns that every row of a file must fill."""
    more = ("orgSourcedIds", "role", "username") if (version, file) == (Version.V1_1, File.USERS) else ()
    return ("sourcedId", *_FILLED[file], *more)


MANIFEST_FILES: Final[Mapping[Version, tuple[str, ...]]] = {
    Version.V1_1: ("academicSessions", "categories", "classes", "classResources", "courses", "courseResources",
                   "demographics", "enrollments", "lineItems", "orgs", "resources", "results", "users"),
    Version.V1_2: ("academicSessions", "categories", "classes", "classResources", "courses", "courseResources",
                   "demographics", "enrollments", "lineItemLearningObjectiveIds", "lineItems", "lineItemScoreScales",
                   "orgs", "resources", "resultLearningObjectiveIds", "results", "resultScoreScales", "roles",
                   "scoreScales", "userProfiles", "userResources", "users"),
}  # fmt: skip
"""What a manifest must list, in its order."""

STATUSES: Final = ("active", "tobedeleted")
USER_ROLES: Final[Mapping[Version, tuple[str, ...]]] = {
    Version.V1_1: ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"),
    Version.V1_2: ("aide", "counselor", "districtAdministrator", "guardian", "parent", "principal", "proctor",
                   "relative", "siteAdministrator", "student", "systemAdministrator", "teacher"),
}  # fmt: skip
WORDS: Final[Mapping[File, Mapping[str, tuple[str, ...]]]] = {
    File.ORGS: {"type": ("department", "school", "district", "local", "state", "national")},
    File.SESSIONS: {"type": ("gradingPeriod", "semester", "schoolYear", "term")},
    File.COURSES: {},
    File.CLASSES: {"classType": ("homeroom", "scheduled")},
    File.USERS: {"enabledUser": ("true", "false")},
    File.ROLES: {"roleType": ("primary", "secondary")},
    File.ENROLLMENTS: {
        "role": ("administrator", "proctor", "student", "teacher"),
        "primary": ("true", "false"),
    },
    File.DEMOGRAPHICS: {"sex": ("male", "female", "unspecified", "other")},
}
DATES: Final[Mapping[File, tuple[str, ...]]] = {
    File.SESSIONS: ("startDate", "endDate"),
    File.ROLES: ("beginDate", "endDate"),
    File.ENROLLMENTS: ("beginDate", "endDate"),
    File.DEMOGRAPHICS: ("birthDate",),
}
CASELESS: Final = frozenset({"enabledUser", "primary"})
"""Booleans are written TRUE by many programs, and the standard's own examples; that is no fault."""


def words_for(version: Version, file: File, column: str) -> tuple[str, ...]:
    """Return the words that a column may hold, () where it may hold any text."""
    if column == "status":
        return STATUSES
    if column == "role" and file in {File.USERS, File.ROLES}:
        return USER_ROLES[version]
    return WORDS[file].get(column, ())
