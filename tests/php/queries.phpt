--TEST--
Lists are ids in order, and the numbers add up (S1.3, S1.4)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync();
$due = $sync->getDomainsNeedingSync(10);
echo count($due), ' ', yes(array_is_list($due) && array_sum(array_map('is_int', $due)) === 10), "\n";
$expiring = $sync->getExpiringDomains(3650);
$days = array_map(fn (int $id) => value("SELECT expires_at FROM domains WHERE id = $id"), $expiring);
$sorted = $days;
sort($sorted);
echo yes($expiring !== [] && $days === $sorted), "\n";
$unknown = (int) $due[0];
pdo()->exec("UPDATE domains SET sync_metadata = '{\"needs_review\":true,\"review_reason\":\"r\",\"review_since\":\"2026-11-23T02:43:43+00:00\"}' WHERE id = $unknown");
$reviews = $sync->getDomainsNeedingReview();
echo count($reviews), ' ', yes($reviews[0]['id'] === $unknown), ' ', $reviews[0]['reason'], ' ', $reviews[0]['since'], ' ', json_encode($sync->getDomainsNeedingReview(options: ['partner_id' => 999])), "\n";
$stats = $sync->getStats();
echo implode(' ', array_keys($stats)), "\n";
echo yes($stats['total'] === (int) value('SELECT count(*) FROM domains WHERE deleted_at IS NULL') && array_sum($stats['by_status']) === $stats['total']), ' ', json_encode($stats['last_synced_at']), "\n";
--EXPECT--
10 yes
yes
1 yes r 2026-11-23T02:43:43Z []
total with_registrar never_synced recently_synced needs_sync expiring_soon failed needs_review by_status last_synced_at budget
yes null
