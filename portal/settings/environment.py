"""Where settings are read from, and what several of their files need."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]

env = environ.FileAwareEnv()
ENV_FILE = Path(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))
if ENV_FILE.exists():
    env.read_env(ENV_FILE)

DEMO = env.bool("DEMO", default=False)

PORT = env.int("PORT", default=8000)
REHEARSAL_PORT = env.int("REHEARSAL_PORT", default=8001)
BROKER_PORT = env.int("BROKER_PORT", default=8020)
