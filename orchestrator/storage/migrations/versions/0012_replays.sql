-- A job may be made over the stored answers of another: a replay. Its seats and candidates are copies.
--
-- jobs.replay_of     the job whose answers they are; no foreign key, since a replay outlives what it was made from
-- seats.unreadable   answers of the seat that this one is a copy of that were paid for and could not be read: its attempts
--                    are the other job's, and the quality of a result counts them

ALTER TABLE jobs ADD COLUMN replay_of TEXT;
ALTER TABLE seats ADD COLUMN unreadable SMALLINT DEFAULT 0 NOT NULL;
