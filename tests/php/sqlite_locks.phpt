--TEST--
The extension and PHP share one SQLite, so that neither loses the other's locks
--EXTENSIONS--
pdo_sqlite
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$pdo = pdo();
$name = key(domains(1));
$try = 'try { $pdo = new PDO("sqlite:" . getenv("FILE")); $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION); $pdo->exec("PRAGMA busy_timeout = 0"); $pdo->exec("UPDATE partners SET name = name"); echo "written"; } catch (PDOException $e) { echo $e->getMessage(); }';
putenv('FILE=' . database());
$pdo->exec('BEGIN IMMEDIATE');
$pdo->exec("UPDATE domains SET auth_code = 'held' WHERE name = '$name'");
echo in_process($try)[0], "\n";
$sync = sync();
echo yes($sync->getStats()['total'] > 0), "\n";
unset($sync);
usleep(500_000); // until its connections are closed
echo in_process($try)[0], "\n";
$pdo->exec('COMMIT');
echo in_process($try)[0], ' ', value("SELECT auth_code FROM domains WHERE name = '$name'"), "\n";
--EXPECT--
SQLSTATE[HY000]: General error: 5 database is locked
yes
SQLSTATE[HY000]: General error: 5 database is locked
written held
