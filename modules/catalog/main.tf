# What a tenant's curated data is: a Glue database and a table for each dataset, from its contract. Airflow adds a
# partition for each published date, which points at the version that is current.

locals {
  # {table and classification: columns that are classified otherwise than the database}
  exceptions = merge([for name, table in var.tables : {
    for classification in distinct(compact(table.columns[*].classification)) : "${name}:${classification}" => {
      table          = name
      classification = classification
      columns        = [for column in table.columns : column.name if column.classification == classification]
    } if classification != var.classification
  }]...)
}

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

# By this tag people and programs are granted what they may see; tables and columns inherit it.
resource "aws_lakeformation_resource_lf_tags" "database" {
  database {
    name = aws_glue_catalog_database.this.name
  }

  lf_tag {
    key   = "data-class"
    value = var.classification
  }
}

resource "aws_lakeformation_resource_lf_tags" "columns" {
  for_each = local.exceptions

  table_with_columns {
    database_name = aws_glue_catalog_database.this.name
    name          = aws_glue_catalog_table.this[each.value.table].name
    column_names  = each.value.columns
  }

  lf_tag {
    key   = "data-class"
    value = each.value.classification
  }
}

# Airflow points partitions at what is current; it is no reader of the data.
resource "aws_lakeformation_permissions" "airflow_database" {
  principal   = var.airflow_role_arn
  permissions = ["DESCRIBE"]

  database {
    name = aws_glue_catalog_database.this.name
  }
}

resource "aws_lakeformation_permissions" "airflow_tables" {
  principal   = var.airflow_role_arn
  permissions = ["ALTER", "DESCRIBE", "INSERT"]

  table {
    database_name = aws_glue_catalog_database.this.name
    wildcard      = true
  }
}
