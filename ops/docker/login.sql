-- Run once by psql as PostgreSQL's superuser when the data folder is made: the database of the house and its login.
--
-- The login is no superuser, so that nothing it runs can step around row-level security. It may create roles, since the
-- first migration makes two; it owns the database, and so its tables. NOINHERIT: until a transaction takes one of the
-- two roles, it sees no row at all. The password comes from MEETINGMIND_DB_PASSWORD.

\getenv password MEETINGMIND_DB_PASSWORD
CREATE ROLE meetingmind LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOINHERIT CREATEROLE PASSWORD :'password';
CREATE DATABASE meetingmind OWNER meetingmind;
REVOKE CONNECT ON DATABASE meetingmind FROM PUBLIC;

-- Before PostgreSQL 16 a login that inherits nothing has no right in a schema by owning the database alone.
\connect meetingmind
ALTER SCHEMA public OWNER TO meetingmind;
