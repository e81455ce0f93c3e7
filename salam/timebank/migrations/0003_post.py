"""Posting as one call: the locks of busy accounts are not held over round trips."""

from django.db import migrations

# Order of what may have to be waited for: keys ascending, then accounts ascending; so no two calls can wait in a circle.
# Ids come from the sequence before the rows do, so that a key that was written before is told from a new one.
POST = """
CREATE FUNCTION timebank_post(
    p_bank_id bigint,
    p_kind text,
    p_recorded_at timestamptz,
    p_actor_id bigint,
    p_keys uuid[],
    p_body_hashes bytea[],
    p_happened_on date[],
    p_origins text[],
    p_reverses bigint[],
    p_reasons text[],
    p_leg_ordinals integer[],
    p_leg_accounts bigint[],
    p_leg_amounts integer[]
) RETURNS TABLE (ordinal integer, transfer_id bigint, is_replayed boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_new_ids bigint[];
    v_ids bigint[];
    v_accounts bigint[];
    v_written bigint;
    v_conflict uuid;
BEGIN
    SELECT array_agg(nextval('timebank_transfer_id_seq')) INTO v_new_ids
    FROM generate_subscripts(p_keys, 1);

    INSERT INTO timebank_transfer
        (id, key, body_hash, bank_id, kind, happened_on, recorded_at, reverses_id, reason, actor_id, origin)
    SELECT v_new_ids[given.place], given.key, given.body_hash, p_bank_id, p_kind, given.happened_on,
        p_recorded_at, given.reverses_id, given.reason, p_actor_id, given.origin
    FROM unnest(p_keys, p_body_hashes, p_happened_on, p_origins, p_reverses, p_reasons)
        WITH ORDINALITY AS given (key, body_hash, happened_on, origin, reverses_id, reason, place)
    ORDER BY given.key
    ON CONFLICT (key) DO NOTHING;
    GET DIAGNOSTICS v_written = ROW_COUNT;

    IF v_written = cardinality(p_keys) THEN
        v_ids := v_new_ids;
    ELSE
        -- A statement of its own, so that it sees what another call committed while ours waited.
        SELECT array_agg(transfer.id ORDER BY given.place),
            min(given.key::text) FILTER (WHERE transfer.body_hash <> given.body_hash)
        INTO v_ids, v_conflict
        FROM unnest(p_keys, p_body_hashes) WITH ORDINALITY AS given (key, body_hash, place)
        JOIN timebank_transfer AS transfer ON transfer.key = given.key;
        IF v_conflict IS NOT NULL THEN
            RAISE EXCEPTION 'timebank: key % came before with another body', v_conflict
                USING ERRCODE = 'TB001';
        END IF;
    END IF;

    IF v_written > 0 THEN
        IF NOT EXISTS (SELECT 1 FROM timebank_bank WHERE id = p_bank_id AND stage = 'active') THEN
            RAISE EXCEPTION 'timebank: bank % is not active', p_bank_id USING ERRCODE = 'TB002';
        END IF;
        SELECT array_agg(DISTINCT leg.account_id) INTO v_accounts
        FROM unnest(p_leg_ordinals, p_leg_accounts) AS leg (place, account_id)
        WHERE v_ids[leg.place] = v_new_ids[leg.place];

        PERFORM 1 FROM timebank_account AS account
        WHERE account.id = ANY (v_accounts) ORDER BY account.id FOR NO KEY UPDATE;

        -- However many legs an account has in this call, it is updated once.
        UPDATE timebank_account AS account
        SET balance_minutes = account.balance_minutes + change.amount,
            version = account.version + change.legs
        FROM (
            SELECT leg.account_id, sum(leg.amount)::integer AS amount, count(*)::integer AS legs
            FROM unnest(p_leg_ordinals, p_leg_accounts, p_leg_amounts) AS leg (place, account_id, amount)
            WHERE v_ids[leg.place] = v_new_ids[leg.place]
            GROUP BY leg.account_id
        ) AS change
        WHERE account.id = change.account_id AND account.bank_id = p_bank_id;
        GET DIAGNOSTICS v_written = ROW_COUNT;
        IF v_written <> cardinality(v_accounts) THEN
            RAISE EXCEPTION 'timebank: an account is not of bank %', p_bank_id USING ERRCODE = 'TB003';
        END IF;

        -- Version and balance of each entry, counted back from where the account stands now.
        INSERT INTO timebank_entry (transfer_id, account_id, amount_minutes, version, balance_after)
        SELECT v_ids[leg.place], leg.account_id, leg.amount,
            account.version - (count(*) OVER later)::integer,
            account.balance_minutes - COALESCE(sum(leg.amount) OVER later, 0)::integer
        FROM unnest(p_leg_ordinals, p_leg_accounts, p_leg_amounts)
            WITH ORDINALITY AS leg (place, account_id, amount, number)
        JOIN timebank_account AS account ON account.id = leg.account_id
        WHERE v_ids[leg.place] = v_new_ids[leg.place]
        WINDOW later AS (
            PARTITION BY leg.account_id ORDER BY leg.number DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
        ORDER BY leg.number;
    END IF;

    RETURN QUERY
    SELECT posted.place::integer, posted.id, posted.id <> v_new_ids[posted.place]
    FROM unnest(v_ids) WITH ORDINALITY AS posted (id, place);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("timebank", "0002_guards")]
    operations = [
        migrations.RunSQL(sql=POST, reverse_sql="DROP FUNCTION timebank_post"),
    ]
