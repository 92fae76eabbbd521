-- Keys that tenants look after themselves. Those that exist keep what they may do; of them no prefix is known.
--
-- api_keys.prefix        how the key begins, by which people tell theirs apart: the environment and four letters of 43
-- api_keys.made_by       the key that made it; null: an operator did
-- api_keys.replaced_by   its newest successor
-- api_keys.last_used_at  to the minute
--
-- What the application role may do with the rows of its tenant stands in columns: it never reads a digest, and what a key
-- may do is written once.

ALTER TABLE api_keys
    ADD COLUMN prefix TEXT,
    ADD COLUMN made_by TEXT,
    ADD COLUMN replaced_by TEXT,
    ADD COLUMN last_used_at TIMESTAMP WITH TIME ZONE;

GRANT SELECT (tenant_id, id, name, prefix, scopes, created_at, made_by, expires_at, revoked_at, replaced_by, last_used_at)
ON api_keys TO meetingmind_app;
GRANT INSERT (id, name, prefix, digest, scopes, made_by, expires_at) ON api_keys TO meetingmind_app;
GRANT UPDATE (name, expires_at, revoked_at, replaced_by) ON api_keys TO meetingmind_app;

-- It tells the key's end, too, so that who remembers the answer knows how long it holds.
DROP FUNCTION meetingmind_key_owner(bytea);

CREATE FUNCTION meetingmind_key_owner(wanted bytea)
RETURNS TABLE (tenant_id text, key_id text, scopes text[], expires_at timestamp with time zone)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT k.tenant_id, k.id, k.scopes, k.expires_at
    FROM api_keys AS k
    WHERE k.digest = wanted
      AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp())
$$;

GRANT CREATE ON SCHEMA public TO meetingmind_system;
ALTER FUNCTION meetingmind_key_owner(bytea) OWNER TO meetingmind_system;
REVOKE CREATE ON SCHEMA public FROM meetingmind_system;
REVOKE ALL ON FUNCTION meetingmind_key_owner(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION meetingmind_key_owner(bytea) TO CURRENT_USER, meetingmind_app;
