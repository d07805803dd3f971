-- Two roles on wxlogin's database: the owner migrates it, the app works on it and changes no table.
-- The app adds to the audit trail and reads it; it can neither change nor remove an entry.
--
-- Run it as an administrator of the server before the first `db upgrade`, which the owner then runs,
-- and again after every upgrade, before the new program starts:
--
--   psql -f deploy/sql/grants-postgresql.sql wxlogin
--
-- Other names:  psql -v owner=shop_owner -v app=shop -f ... shop
-- Passwords:    WXLOGIN_OWNER_PASSWORD and WXLOGIN_APP_PASSWORD in psql's environment, or the files
-- that WXLOGIN_OWNER_PASSWORD_FILE and WXLOGIN_APP_PASSWORD_FILE name. A role whose password is not
-- given keeps the one it has. Letters and digits need no quoting in WXLOGIN_DATABASE_URL. A server
-- that logs its DDL logs these passwords too; there, use `\password` of psql.
--
-- PostgreSQL 12 or newer.

\set ON_ERROR_STOP on
\if :{?owner}
\else
  \set owner wxlogin_owner
\endif
\if :{?app}
\else
  \set app wxlogin_app
\endif
\set owner_password `printf %s "${WXLOGIN_OWNER_PASSWORD-$(cat "${WXLOGIN_OWNER_PASSWORD_FILE:-/dev/null}")}"`
\set app_password `printf %s "${WXLOGIN_APP_PASSWORD-$(cat "${WXLOGIN_APP_PASSWORD_FILE:-/dev/null}")}"`

BEGIN;

-- Roles. An administrator who is no superuser acts for the owner as one of its members.
SELECT format('CREATE ROLE %I LOGIN', name)
  FROM unnest(ARRAY[:'owner', :'app']) AS wanted (name)
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
SELECT format('ALTER ROLE %I PASSWORD %L', name, password)
  FROM (VALUES (:'owner', :'owner_password'), (:'app', :'app_password')) AS given (name, password)
  WHERE password <> ''
\gexec
SELECT format('GRANT %I TO CURRENT_USER', :'owner')
  WHERE NOT pg_has_role(:'owner', 'USAGE')
\gexec

-- The database and its schema.
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO :"owner", :"app";
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"app";

-- Tables that somebody else made, as where one role did everything so far; their sequences go along.
SELECT format('ALTER TABLE public.%I OWNER TO %I', tablename, :'owner')
  FROM pg_tables WHERE schemaname = 'public' AND tableowner <> :'owner'
\gexec

-- The app's rights on what is there, and on what migrations add.
SET LOCAL ROLE :"owner";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO :"app";

-- The exceptions. They can only be made once the tables are there: hence the second run.
SELECT format('REVOKE ALL ON public.%I FROM %I', name, :'app'),
       format('GRANT %s ON public.%I TO %I', rights, name, :'app')
  FROM (VALUES ('audit_entry', 'SELECT, INSERT'), ('alembic_version', 'SELECT'))
    AS exception (name, rights)
  WHERE EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = name)
\gexec

COMMIT;
