"""Reads an embedding data set with all readers that are there: read_dataset.py DATASET MODEL PAGE EXPORTED.

DATASET is a folder of Parquet parts, MODEL the id of its model, PAGE docs/embedding.md, and EXPORTED what export
wrote, without the ending. Prints for each reader a line: its name and version, what was read, and the number of records
or the sorted ids.
"""
import glob
import importlib
import re
import sys

dataset, model, page, exported = sys.argv[1:]
run = sorted(glob.glob(dataset + "/model=*/run=*"))[0]
with open(page, encoding="utf-8") as file:
    text = file.read()


def blocks(language):
    """Yields the programs of the page, about these files."""
    for block in re.findall("```%s\n(.*?)```" % language, text, re.DOTALL):
        block = block.replace("/data/embeddings.parquet", exported + ".parquet")
        yield block.replace("/data/embeddings", dataset).replace("MODEL", model)


def found(module, what, result):
    version = getattr(sys.modules[module], "__version__", "?")
    print(module, version, what, result, sep="\t")


def ids(column):
    return " ".join(sorted(str(i) for i in column))


def pandas():
    module = importlib.import_module("pandas")
    importlib.import_module("pyarrow")
    found("pandas", "data set", len(module.read_parquet(dataset)))
    found("pandas", "run", len(module.read_parquet(run)))
    found("pandas", "export.parquet", ids(module.read_parquet(exported + ".parquet")["id"]))
    table = module.read_csv(exported + ".csv", dtype={"id": str}, keep_default_na=False)
    assert list(table.columns[:4]) == ["id", "label", "uri", "e0"], table.columns
    found("pandas", "export.csv", ids(table["id"]))
    for block in blocks("python"):
        names = {}
        exec(block, names)
        if "current" in names:
            found("pandas", "page", ids(names["current"]["id"]))
        else:
            assert names["vectors"].dtype == "float32" and names["vectors"].ndim == 2
            found("pandas", "page", ids(names["images"]["id"]))


def pyarrow():
    module = importlib.import_module("pyarrow.dataset")
    found("pyarrow", "data set", module.dataset(dataset, partitioning="hive").to_table().num_rows)


def duckdb():
    module = importlib.import_module("duckdb")
    parts = "SELECT count(*) FROM '%s/**/*.parquet'" % dataset
    found("duckdb", "data set", module.sql(parts).fetchone()[0])
    found("duckdb", "export.csv", ids(r[0] for r in module.sql("SELECT id FROM '%s.csv'" % exported).fetchall()))
    for block in blocks("sql"):
        if "list_cosine_similarity" in block:
            first = module.sql("SELECT min(id) FROM '%s.parquet'" % exported).fetchone()[0]
            rows = module.sql(block.replace("cats/0017.jpg", first)).fetchall()
            found("duckdb", "page", ids([r[0] for r in rows] + [first]))
        else:
            inner = "SELECT id FROM (%s)" % block.strip().rstrip(";")
            found("duckdb", "page", ids(r[0] for r in module.sql(inner).fetchall()))


def polars():
    module = importlib.import_module("polars")
    found("polars", "data set", module.read_parquet(dataset + "/**/*.parquet").height)
    found("polars", "export.parquet", ids(module.read_parquet(exported + ".parquet")["id"]))


def fastavro():
    module = importlib.import_module("fastavro")
    rejects = 0
    for name in glob.glob(dataset + "/model=*/run=*/_rejects-*.avro"):
        with open(name, "rb") as file:
            rejects += len(list(module.reader(file)))
    found("fastavro", "rejects", rejects)
    for name in glob.glob(dataset + "/model=*/_canaries.avro"):
        with open(name, "rb") as file:
            found("fastavro", "canaries", len(list(module.reader(file))))


def numpy():
    module = importlib.import_module("numpy")
    vectors = module.load(exported + ".npy", mmap_mode="r")
    with open(exported + ".npy.ids.txt", encoding="utf-8") as file:
        names = file.read().split("\n")[:-1]
    assert vectors.shape[0] == len(names) and vectors.dtype == "float32", vectors.shape
    found("numpy", "export.npy", ids(names))


for reader in (pandas, pyarrow, duckdb, polars, fastavro, numpy):
    try:
        reader()
    except ImportError as missing:
        print("skipped", missing, sep="\t")
