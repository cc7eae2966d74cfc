# What EMR's clusters of one stack are held to, whoever starts them: encryption at rest with the stack's key and on the
# wire, version 2 of the metadata service, a role of its own for each step.

locals {
  certificates_key = "emr/certificates.zip"
}

# Apart from the configuration, because a key has no ARN before it is made and a plan should show all that it can.
resource "terraform_data" "configuration" {
  input = {
    EncryptionConfiguration = {
      EnableAtRestEncryption = true
      AtRestEncryptionConfiguration = {
        S3EncryptionConfiguration = { EncryptionMode = "SSE-KMS", AwsKmsKey = var.kms_key_arn }
        LocalDiskEncryptionConfiguration = {
          EncryptionKeyProviderType = "AwsKms"
          AwsKmsKey                 = var.kms_key_arn
          EnableEbsEncryption       = true
        }
      }
      EnableInTransitEncryption = true
      InTransitEncryptionConfiguration = {
        TLSCertificateConfiguration = {
          CertificateProviderType = "PEM"
          S3Object                = "s3://${var.artifacts_bucket}/${local.certificates_key}"
        }
      }
    }
    InstanceMetadataServiceConfiguration = {
      MinimumInstanceMetadataServiceVersion = 2
      HttpPutResponseHopLimit               = 1
    }
    AuthorizationConfiguration = {
      IAMConfiguration = {
        EnableApplicationScopedIAMRole        = true
        ApplicationScopedIAMRoleConfiguration = { PropagateSourceIdentity = true }
      }
    }
  }
}

resource "aws_emr_security_configuration" "this" {
  name          = "${var.name}-emr"
  configuration = jsonencode(terraform_data.configuration.input)
}
