--TEST--
The logger gets level, message and context in the original's words (S8.5)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pdo()->exec("UPDATE domains SET expires_at = '2031-02-03 00:00:00' WHERE id = (SELECT min(id) FROM domains)");
[$first, $second] = array_keys(domains(2));
$lines = [];
$sync = sync();
$sync->setLogger(function (string $level, string $message, array $context) use (&$lines) { $lines[] = [$level, $message, $context]; });
$sync->syncDomain($first);
$sync->syncDomains([$second]);
$sync->syncDomain($first);
foreach ($lines as [$level, $message, $context]) {
    echo $level, ' ', $message, ' ', json_encode($context['changes']), ' ', yes(in_array($context['domain'], [$first, $second], true)), "\n";
}
$sync->setLogger(null);
$sync->syncDomain($first, true);
echo count($lines), "\n";
$broken = sync(registrar: 'broken');
$broken->setLogger(function (string $level, string $message, array $context) { echo $level, ' ', $message, ' ', $context['error_code'], "\n"; });
$broken->syncDomain(array_key_last(domains(3)));
$own = new LogicException('from the logger');
$sync->setLogger(fn () => throw $own);
echo yes(thrown(fn () => $sync->syncDomains([$second], true)) === $own), "\n";
--EXPECT--
info Domain synced successfully ["expires_at"] yes
info Domain synced successfully [] yes
2
error Failed to sync domain network
yes
