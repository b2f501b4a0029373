"""What the workers of test_many_refreshes.py do besides the product's own tasks."""

import json
import os

import requests
from celery import shared_task

from integrations.models import Connection
from integrations.services import connection_token_renew


@shared_task
def token_renew_and_use(connection_id: int, report: str) -> None:
    """Refresh as the keep-alive does, use the token that came, and write down how that went."""
    connection = Connection.objects.select_related("epoch").get(pk=connection_id)
    token = connection_token_renew(connection=connection, rejected=connection.access_token)
    answer = requests.get(
        f"{connection.epoch.instance_url}/services/data/v66.0/limits",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    line = {"process": os.getpid(), "token": token}
    with open(report, "a") as file:
        file.write(json.dumps({**line, "status": answer.status_code}) + "\n")
