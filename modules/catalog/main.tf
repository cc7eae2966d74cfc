# What a tenant's curated data is: a Glue database and a table for each dataset, from its contract. Airflow adds a
# partition for each published date, which points at the version that is current.

resource "aws_glue_catalog_database" "this" {
  name         = var.database
  description  = var.description
  location_uri = "s3://${var.curated_bucket}/"
}

resource "aws_glue_catalog_table" "this" {
  for_each = var.tables

  name          = each.key
  description   = each.value.description
  database_name = aws_glue_catalog_database.this.name
  table_type    = "EXTERNAL_TABLE"
  parameters = {
    EXTERNAL         = "TRUE"
    classification   = "parquet"
    contract_version = each.value.contract_version
  }

  partition_keys {
    name    = "as_of"
    type    = "date"
    comment = "Business date of the published version."
  }

  storage_descriptor {
    location      = "s3://${var.curated_bucket}/${each.key}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = each.value.columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}
