--TEST--
One domain is synced by its id and by its name (S8.1)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$domains = domains(2);
$sync = sync();
foreach ([current($domains), array_key_last($domains)] as $domain) {
    $result = $sync->syncDomain($domain);
    echo implode(' ', array_keys($result)), ' ', yes($result['success']), ' ', yes($result['domain'] === (is_int($domain) ? key($domains) : $domain)), "\n";
    echo gettype($result['id']), ' ', gettype($result['duration_ms']), ' ', json_encode([$result['attempts'], $result['changes']]), ' ', $result['info']['status'] ?? '?', "\n";
}
echo value('SELECT count(*) FROM domains WHERE last_synced_at IS NOT NULL'), "\n";
$again = $sync->syncDomain(key($domains));
echo json_encode([$again['success'], $again['skipped'], $again['reason']]), "\n";
echo json_encode($sync->syncDomain(key($domains), force: true)['attempts']), "\n";
--EXPECTF--
domain id success changes info duration_ms attempts warnings yes yes
integer integer [1,[]] %s
domain id success changes info duration_ms attempts warnings yes yes
integer integer [1,[]] %s
2
[true,true,"Recently synced"]
1
