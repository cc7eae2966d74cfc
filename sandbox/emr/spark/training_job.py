"""A Spark job that does a little of everything, so that the classes of real jobs are loaded once and can be archived.

Usage: training_job.py FOLDER. Runs in spark-submit; what it computes is of no interest.
"""

from __future__ import annotations

import sys

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812  # as everyone writes it

RAW = "id string, product string, cents string, day string"


def main(folder: str) -> None:
    spark = SparkSession.builder.appName("training").getOrCreate()
    rows = [(f"P-{number:04}", f"p{number % 3}", str(number), f"2026-{1 + number % 12:02}-01") for number in range(200)]
    spark.createDataFrame(rows, RAW).write.mode("overwrite").json(f"{folder}/raw")
    typed = _typed(spark.read.schema(RAW).json(f"{folder}/raw")).cache()
    typed.repartition(2, "product").write.mode("overwrite").parquet(f"{folder}/typed")
    read = spark.read.parquet(f"{folder}/typed")
    totals = _rolled(read).groupBy("product").agg(F.sum("amount").alias("total"), F.count("*").alias("rows"))
    joined = totals.join(read.groupBy("product").agg(F.max("day").alias("last")), "product", "left")
    refused = read.join(totals.where("rows < 0"), "product", "left_anti").select("id", F.lit("x").alias("reason"))
    joined.unionByName(joined.where("total < 0")).orderBy("product").write.mode("overwrite").parquet(f"{folder}/totals")
    refused.coalesce(1).write.mode("overwrite").parquet(f"{folder}/refused")
    lines = read.rdd.map(lambda row: row.id).take(1)
    print(len(lines), joined.agg(F.sum(F.xxhash64("product", "total").cast("decimal(38,0)"))).collect())
    spark.read.text(f"{folder}/raw").select(F.sha2("value", 256)).distinct().count()
    spark.stop()


def _typed(raw: DataFrame) -> DataFrame:
    amount = (F.col("cents") / 100).cast("decimal(18,2)")
    return raw.select("id", "product", amount.alias("amount"), F.to_date("day").alias("day")).where("id is not null")


def _rolled(typed: DataFrame) -> DataFrame:
    order = Window.partitionBy("product").orderBy(F.desc("day"), "id")
    months = typed.withColumn("rank", F.row_number().over(order)).where("rank < 50")
    months = months.withColumn("month", F.explode(F.sequence(F.lit(0), F.lit(5))))
    return months.withColumn("when", F.add_months("day", F.col("month"))).dropDuplicates(["id", "month"])


if __name__ == "__main__":
    main(sys.argv[1])
