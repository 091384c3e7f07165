--TEST--
A domain is explained without a call to its registrar (S1.3)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$name = key(domains(1));
$sync = sync();
$before = $sync->explain($name);
echo json_encode([$before['due'], $before['class'] === null, $before['last_outcome'], $before['skipped'], $before['registrar']['known']]), "\n";
pdo()->exec("UPDATE domains SET status = 'active', expires_at = '2031-02-03 00:00:00' WHERE name = '$name'");
$sync->syncDomain($name);
pdo()->exec("UPDATE domains SET status = 'active', expires_at = '2031-02-03 00:00:00' WHERE name = '$name'");
$after = $sync->explain(domains(1)[$name]);
echo json_encode([$after['due'], $after['class'], $after['interval_seconds'], $after['last_outcome'], $after['skipped']]), "\n";
echo substr($after['reason'], 0, 43), ' ', yes($after['due_at'] > $after['last_synced_at'] && $after['evidence']['registrar_status'] !== null), "\n";
echo implode(' ', array_keys($after)), "\n";
echo said(fn () => $sync->explain('nobody-has-this.example')), "\n";
--EXPECT--
[true,false,"never",null,true]
[false,4,21600,"synced","Recently synced"]
it is active, so it is due every 6 hours: n yes
domain id partner_id status expires_at registrar due due_at reason class interval_seconds last_synced_at last_outcome skipped failure held needs_review review_reason review_since leased_until evidence
DomainDesk\Sync\Exception\DomainNotFoundException: no domain nobody-has-this.example in the application's database
