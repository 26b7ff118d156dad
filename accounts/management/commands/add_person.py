from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import clock
from accounts.models import Department, Speciality, User
from accounts.roles import Role
from accounts.services import Refused
from accounts.services.people import add_person
from accounts.services.roles import grant_first


class Command(BaseCommand):
    help = (
        "Open an account from the command line and print its one-time password: for the first people of an empty desk. "
        "Roles of the leadership group and of the spokesperson can be given here only while nobody holds them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--role", action="append", default=[], choices=Role.values, help="may be repeated")
        parser.add_argument("--email", default="")
        parser.add_argument("--department", default="", help="code of a department; made when it is not there yet")
        parser.add_argument("--speciality", default="", choices=Speciality.values)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            User.username_validator(options["username"])
            person, password = self.add(options)
        except (Refused, ValidationError) as refused:
            raise CommandError(
                "; ".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)
            ) from refused
        self.stderr.write(f"One-time password of {person.username}; it must be changed at the first sign-in:")
        self.stdout.write(password)

    @transaction.atomic
    def add(self, options: dict[str, Any]) -> tuple[User, str]:
        """The person with all roles, or nothing at all."""
        now = clock.now()
        code = options["department"]
        department = Department.objects.get_or_create(code=code, defaults={"name": code})[0] if code else None
        person, password = add_person(
            username=options["username"],
            name=options["name"],
            email=options["email"],
            department=department,
            speciality=options["speciality"],
            actor=None,
            now=now,
        )
        for role in options["role"]:
            grant_first(person, role, now=now)
        return person, password
