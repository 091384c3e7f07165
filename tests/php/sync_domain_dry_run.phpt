--TEST--
A dry run says so and writes nothing (S8.4)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pdo()->exec("UPDATE domains SET expires_at = '2031-02-03 00:00:00' WHERE id = (SELECT min(id) FROM domains)");
$before = md5_file(database());
$result = sync()->syncDomain(key(domains(1)), options: ['dry_run' => true]);
echo implode(' ', array_keys($result['changes'])), ' ', json_encode($result['dry_run']), ' ', yes(md5_file(database()) === $before), "\n";
--EXPECT--
expires_at true yes
