--TEST--
What changed is told with its old and new value, and written (S4.3)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pdo()->exec("UPDATE domains SET expires_at = '2031-02-03 00:00:00' WHERE id = (SELECT min(id) FROM domains)");
$name = key(domains(1));
$change = sync()->syncDomain($name)['changes'];
echo implode(' ', array_keys($change)), ' ', $change['expires_at']['old'], ' ', yes(str_starts_with(value('SELECT expires_at FROM domains ORDER BY id'), $change['expires_at']['new'])), "\n";
echo value("SELECT action || ' ' || auditable_type FROM audit_logs"), "\n";
--EXPECT--
expires_at 2031-02-03 yes
sync_update App\Models\Domain
