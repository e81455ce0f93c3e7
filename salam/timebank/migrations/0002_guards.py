"""What no column can say: the journal never changes, entries balance and follow one another.

The names are listed in ``salam.timebank.models.GUARDS``.
"""

from django.db import migrations

# Shared by the journal's tables. Emptying an empty table hides nothing, and test runs do it between tests.
APPEND_ONLY = """
CREATE FUNCTION timebank_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'timebank: % never changes (%)', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE FUNCTION timebank_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_is_filled boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', TG_TABLE_NAME) INTO v_is_filled;
    IF v_is_filled THEN
        RAISE EXCEPTION 'timebank: % is never emptied', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE ON timebank_transfer
    FOR EACH ROW EXECUTE FUNCTION timebank_refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON timebank_entry
    FOR EACH ROW EXECUTE FUNCTION timebank_refuse_change();
CREATE TRIGGER transfer_no_truncate BEFORE TRUNCATE ON timebank_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION timebank_refuse_truncate();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON timebank_entry
    FOR EACH STATEMENT EXECUTE FUNCTION timebank_refuse_truncate();
"""

# An account that changed hands, or a bank that changed its kind, would rewrite history without an entry.
IDENTITY = """
CREATE TRIGGER account_keeps_holder BEFORE UPDATE ON timebank_account
    FOR EACH ROW WHEN (
        (OLD.id, OLD.bank_id, OLD.holder_kind) IS DISTINCT FROM (NEW.id, NEW.bank_id, NEW.holder_kind)
        OR (OLD.person_id, OLD.organization_id, OLD.place_id)
            IS DISTINCT FROM (NEW.person_id, NEW.organization_id, NEW.place_id)
    ) EXECUTE FUNCTION timebank_refuse_change();
CREATE TRIGGER bank_keeps_kind BEFORE UPDATE ON timebank_bank
    FOR EACH ROW WHEN ((OLD.id, OLD.code, OLD.kind) IS DISTINCT FROM (NEW.id, NEW.code, NEW.kind))
    EXECUTE FUNCTION timebank_refuse_change();
"""

# Asked once for each statement, of all its rows together: a batch of 10,000 costs one query, not 20,000. All entries of
# a transfer are written by one statement, so nothing can be added to it later; each entry follows the one before; and the
# account already stands where its last entry says.
ENTRY_FOLLOWS_ENTRY = """
CREATE FUNCTION timebank_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_wrong bigint;
BEGIN
    SELECT a.id INTO v_wrong
    FROM added AS a
    LEFT JOIN timebank_entry AS before
        ON before.account_id = a.account_id AND before.version = a.version - 1
    WHERE a.balance_after <> COALESCE(before.balance_after, 0) + a.amount_minutes
        OR (before.id IS NULL) <> (a.version = 1)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'timebank: entry % does not follow the one before', v_wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;

    SELECT newest.account_id INTO v_wrong
    FROM (
        SELECT account_id, max(version) AS version FROM added GROUP BY account_id
    ) AS newest
    JOIN timebank_entry AS last USING (account_id, version)
    LEFT JOIN timebank_account AS account
        ON account.id = newest.account_id
        AND account.version = newest.version
        AND account.balance_minutes = last.balance_after
    WHERE account.id IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'timebank: account % does not stand at its last entry', v_wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;

    SELECT written.transfer_id INTO v_wrong
    FROM (SELECT transfer_id, count(*) AS legs FROM added GROUP BY transfer_id) AS written
    JOIN timebank_entry AS entry USING (transfer_id)
    GROUP BY written.transfer_id, written.legs
    HAVING count(*) <> written.legs
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'timebank: the entries of transfer % were written before', v_wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_follows_entry AFTER INSERT ON timebank_entry
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION timebank_check_entries();
"""

# Asked at commit: entries come after their transfer and after the account that they change.
BALANCED_LEGS = """
CREATE FUNCTION timebank_check_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_legs bigint;
    v_sum bigint;
    v_is_of_bank boolean;
    v_only_gives boolean;
    v_original timebank_transfer;
BEGIN
    SELECT count(*), sum(entry.amount_minutes), bool_and(account.bank_id = NEW.bank_id),
        bool_and(account.holder_kind =
            CASE WHEN entry.amount_minutes > 0 THEN 'person' ELSE 'organization' END)
    INTO v_legs, v_sum, v_is_of_bank, v_only_gives
    FROM timebank_entry AS entry
    JOIN timebank_account AS account ON account.id = entry.account_id
    WHERE entry.transfer_id = NEW.id;

    IF v_legs < 2 OR v_sum <> 0 THEN
        RAISE EXCEPTION 'timebank: transfer % has % entries that sum to %', NEW.id, v_legs, v_sum
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    IF NOT v_is_of_bank THEN
        RAISE EXCEPTION 'timebank: transfer % leaves its bank', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    IF NEW.reverses_id IS NULL THEN
        -- The national bank records what institutions owe to people for service; nobody spends there.
        IF NOT v_only_gives AND EXISTS (
            SELECT 1 FROM timebank_bank WHERE id = NEW.bank_id AND kind = 'service_hours'
        ) THEN
            RAISE EXCEPTION 'timebank: transfer % spends in a bank that only records', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
        END IF;
        RETURN NULL;
    END IF;
    SELECT * INTO v_original FROM timebank_transfer WHERE id = NEW.reverses_id;
    IF v_original.reverses_id IS NOT NULL
        OR v_original.bank_id <> NEW.bank_id
        OR v_original.happened_on <> NEW.happened_on
        OR EXISTS (
            SELECT 1
            FROM (SELECT * FROM timebank_entry WHERE transfer_id = NEW.id) AS mine
            FULL JOIN (SELECT * FROM timebank_entry WHERE transfer_id = NEW.reverses_id) AS theirs
                USING (account_id)
            WHERE mine.amount_minutes IS DISTINCT FROM -theirs.amount_minutes
        )
    THEN
        RAISE EXCEPTION 'timebank: transfer % does not undo transfer %', NEW.id, NEW.reverses_id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER transfer_has_balanced_legs AFTER INSERT ON timebank_transfer
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION timebank_check_transfer();
"""

ACCOUNT_STANDS = """
CREATE FUNCTION timebank_check_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_account timebank_account;
    v_last timebank_entry;
BEGIN
    SELECT * INTO v_account FROM timebank_account WHERE id = NEW.id;
    SELECT * INTO v_last FROM timebank_entry
    WHERE account_id = NEW.id ORDER BY version DESC LIMIT 1;
    IF FOUND AND (v_account.version, v_account.balance_minutes)
            IS DISTINCT FROM (v_last.version, v_last.balance_after)
        OR NOT FOUND AND (v_account.version, v_account.balance_minutes) IS DISTINCT FROM (0, 0)
    THEN
        RAISE EXCEPTION 'timebank: account % does not stand at its last entry', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER account_stands_at_last_entry
    AFTER INSERT OR UPDATE OF balance_minutes, version ON timebank_account
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION timebank_check_account();
"""

# Room for new row versions beside the old ones: a busy account is updated without touching its indexes.
ROOM_FOR_UPDATES = "ALTER TABLE timebank_account SET (fillfactor = 80)"

UNDO = """
DROP FUNCTION timebank_check_account CASCADE;
DROP FUNCTION timebank_check_transfer CASCADE;
DROP FUNCTION timebank_check_entries CASCADE;
DROP FUNCTION timebank_refuse_truncate CASCADE;
DROP FUNCTION timebank_refuse_change CASCADE;
ALTER TABLE timebank_account RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("timebank", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql=[
                APPEND_ONLY,
                IDENTITY,
                ENTRY_FOLLOWS_ENTRY,
                BALANCED_LEGS,
                ACCOUNT_STANDS,
                ROOM_FOR_UPDATES,
            ],
            reverse_sql=UNDO,
        ),
    ]
