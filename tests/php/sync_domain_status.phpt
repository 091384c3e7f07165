--TEST--
A status sync tells of nothing but the status (S3.7)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pdo()->exec("UPDATE domains SET expires_at = '2031-02-03 00:00:00', status = 'active' WHERE id = (SELECT min(id) FROM domains)");
$result = sync()->syncDomainStatus(current(domains(1)));
echo yes($result['success']), ' ', yes(!isset($result['changes']['expires_at'])), "\n";
--EXPECT--
yes yes
