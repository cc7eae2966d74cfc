package org.sluice.sandbox;

/** What S3 says of one object: size in bytes, modification time in epoch milliseconds, entity tag with its quotes. */
record S3Object(String key, long size, long modified, String entityTag) {}
