-- Two accounts on wxlogin's database: the owner migrates it, the app works on it and changes no
-- table. The app adds to the audit trail and reads it; it can neither change nor remove an entry.
--
-- Run it as an administrator of the server before the first `db upgrade`, which the owner then runs,
-- and again after every upgrade, before the new program starts. MySQL gives these rights table by
-- table: until then the app may only read a table that came with the upgrade.
--
--   mariadb wxlogin < deploy/sql/grants-mysql.sql         (or: mysql)
--
-- Other names than these, and passwords: set the variables first, as here. `printf` is the shell's
-- own, so that no password stands in the list of processes. Letters and digits need no quoting here
-- nor in WXLOGIN_DATABASE_URL.
--
--   { printf "SET @owner_password = '%s', @app_password = '%s';\n" "$OWNER_PASSWORD" "$APP_PASSWORD"
--     cat deploy/sql/grants-mysql.sql; } | mariadb wxlogin
--
-- An account whose password is not given keeps the one it has; a new one stays locked until a run
-- gives it one. Rights are added and none is taken away: an account that could do more before still
-- can. Give wxlogin another.
--
-- MySQL 8.0 or MariaDB 10.5, or newer.

SET @owner = COALESCE(@owner, 'wxlogin_owner'), @owner_password = COALESCE(@owner_password, '');
SET @app = COALESCE(@app, 'wxlogin_app'), @app_password = COALESCE(@app_password, '');
SET @host = COALESCE(@host, '%');

-- Names cannot be variables in SQL, so statements are put together in procedures that go at the end.
DROP PROCEDURE IF EXISTS wxlogin_run;
DROP PROCEDURE IF EXISTS wxlogin_account;
DROP PROCEDURE IF EXISTS wxlogin_tables;

DELIMITER //

CREATE PROCEDURE wxlogin_run(given TEXT)
BEGIN
  SET @wxlogin_statement = given;
  PREPARE wxlogin_statement FROM @wxlogin_statement;
  EXECUTE wxlogin_statement;
  DEALLOCATE PREPARE wxlogin_statement;
END //

CREATE PROCEDURE wxlogin_account(account TEXT, password TEXT, rights TEXT)
BEGIN
  -- Behind GRANT a database's name is a pattern, in which _ and % stand for others.
  DECLARE this TEXT DEFAULT REPLACE(DATABASE(), '`', '``');
  SET this = REPLACE(REPLACE(REPLACE(this, '\\', '\\\\'), '_', '\\_'), '%', '\\%');
  CALL wxlogin_run(CONCAT('CREATE USER IF NOT EXISTS ', account, ' ACCOUNT LOCK'));
  IF password <> '' THEN
    CALL wxlogin_run(
      CONCAT('ALTER USER ', account, ' IDENTIFIED BY ', QUOTE(password), ' ACCOUNT UNLOCK'));
  END IF;
  CALL wxlogin_run(CONCAT('GRANT ', rights, ' ON `', this, '`.* TO ', account));
END //

CREATE PROCEDURE wxlogin_tables(account TEXT)
BEGIN
  DECLARE done BOOLEAN DEFAULT FALSE;
  DECLARE name, rights TEXT;
  DECLARE tables CURSOR FOR
    SELECT table_name, IF(table_name = 'audit_entry', 'INSERT', 'INSERT, UPDATE, DELETE')
      FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'
        AND table_name <> 'alembic_version';
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
  OPEN tables;
  FETCH tables INTO name, rights;
  WHILE NOT done DO
    CALL wxlogin_run(
      CONCAT('GRANT ', rights, ' ON `', REPLACE(name, '`', '``'), '` TO ', account));
    FETCH tables INTO name, rights;
  END WHILE;
  CLOSE tables;
END //

DELIMITER ;

CALL wxlogin_account(
  CONCAT(QUOTE(@owner), '@', QUOTE(@host)), @owner_password,
  'SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES');
CALL wxlogin_account(CONCAT(QUOTE(@app), '@', QUOTE(@host)), @app_password, 'SELECT');
CALL wxlogin_tables(CONCAT(QUOTE(@app), '@', QUOTE(@host)));

DROP PROCEDURE wxlogin_run;
DROP PROCEDURE wxlogin_account;
DROP PROCEDURE wxlogin_tables;
