--TEST--
A column that is missing is named
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$pdo = pdo();
$pdo->exec('ALTER TABLE domains RENAME COLUMN expires_at TO expiry');
$message = thrown(fn () => sync())->getMessage();
echo yes(str_contains($message, 'domains') && str_contains($message, 'expires_at')), "\n";
--EXPECT--
yes
