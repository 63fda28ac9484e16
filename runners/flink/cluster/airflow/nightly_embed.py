"""Embeds every night, on a Flink cluster, what is new or changed; then looks for near duplicates.

simclr must be on the worker's path.
"""

import subprocess

import pendulum
from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

IMAGES = "s3://bucket/images"
MODEL = "s3://bucket/models/2026-11"
EMBEDDINGS = "s3://bucket/embeddings"
DUPLICATES = "s3://bucket/duplicates"
CLUSTER = ["--flinkMaster=flink-jobmanager:8081", "--parallelism=16"]

# Wrong options, unusable input, a quality gate that holds the run back: a person has to look.
USELESS_TO_TRY_AGAIN = {2, 3, 5}


def simclr(*arguments):
    code = subprocess.run(["simclr", *arguments, *CLUSTER], check=False).returncode
    if code in USELESS_TO_TRY_AGAIN:
        raise AirflowFailException(f"simclr {arguments[0]} ended with exit code {code}")
    if code != 0:
        raise AirflowException(f"simclr {arguments[0]} ended with exit code {code}")


@dag(
    schedule="30 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
)
def simclr_nightly():
    @task(retries=3)
    def embed():
        simclr("embed", f"--input={IMAGES}", f"--model={MODEL}", f"--output={EMBEDDINGS}")

    @task(retries=1)
    def find_duplicates():
        simclr("dedup", f"--embeddings={EMBEDDINGS}", f"--output={DUPLICATES}")

    embed() >> find_duplicates()


simclr_nightly()
