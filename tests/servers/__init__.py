"""The servers that the tests start for themselves, from installed programs, in temporary folders.

Each is stopped when its block is left, and by the kernel when the test run itself is killed. A program that is
missing is an error that says what to install; nothing is skipped.
"""

from tests.servers.ours import ServedApp, compiled_templates, served_app, worker_process
from tests.servers.postgres import PostgresServer, postgres_server
from tests.servers.programs import ROOT, MissingProgramError, Program, ServerFailedError, free_port
from tests.servers.redis import redis_program, redis_server

__all__ = (
    "ROOT",
    "MissingProgramError",
    "PostgresServer",
    "Program",
    "ServedApp",
    "ServerFailedError",
    "compiled_templates",
    "free_port",
    "postgres_server",
    "redis_program",
    "redis_server",
    "served_app",
    "worker_process",
)
