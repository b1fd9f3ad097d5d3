#!/bin/sh
# The application's own role: not a superuser, because superusers walk past row-level security without a word.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -v password="$(cat "$POSTGRES_PASSWORD_FILE")" <<'SQL'
CREATE ROLE evenkeel LOGIN PASSWORD :'password';
ALTER DATABASE evenkeel OWNER TO evenkeel;
ALTER SCHEMA public OWNER TO evenkeel;
SQL
