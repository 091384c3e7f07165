--TEST--
clearReview takes a mark back and tells whether there was one (S6.4)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$name = key(domains(1));
pdo()->exec("UPDATE domains SET sync_metadata = '{\"needs_review\":true,\"review_reason\":\"x\"}' WHERE name = '$name'");
echo json_encode([sync()->clearReview($name), sync()->clearReview($name)]), "\n";
--EXPECT--
[true,false]
