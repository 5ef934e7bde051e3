#!/bin/sh
# Run once by PostgreSQL's image on an empty volume: a database and a user for the platform, and for OpenMetadata.
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set platform_password="$PLATFORM_DB_PASSWORD" \
    --set openmetadata_password="$OPENMETADATA_DB_PASSWORD" <<'SQL'
CREATE ROLE omdplatform LOGIN PASSWORD :'platform_password';
CREATE DATABASE omdplatform OWNER omdplatform;
CREATE ROLE openmetadata LOGIN PASSWORD :'openmetadata_password';
CREATE DATABASE openmetadata OWNER openmetadata;
SQL
