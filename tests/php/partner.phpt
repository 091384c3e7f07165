--TEST--
Another partner's domain is not found (S1.6)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$row = pdo()->query('SELECT name, partner_id FROM domains LIMIT 1')->fetch(PDO::FETCH_ASSOC);
$other = (int) value("SELECT id FROM partners WHERE id <> {$row['partner_id']}");
echo get_class(thrown(fn () => sync(['partner_id' => $other])->syncDomain($row['name']))), "\n";
echo json_encode(sync(['partner_id' => (int) $row['partner_id']])->syncDomain($row['name'])['success']), "\n";
--EXPECT--
DomainDesk\Sync\Exception\DomainNotFoundException
true
