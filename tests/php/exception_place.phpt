--TEST--
An exception of the extension has file, line, trace and cause as any other
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
function there() {
    sync()->syncDomain('not-there.example'); // line 4
}
$thrown = thrown('there');
echo basename($thrown->getFile()), ' ', $thrown->getLine(), ' ', $thrown->getCode(), "\n";
$trace = $thrown->getTrace();
echo $trace[0]['class'], $trace[0]['type'], $trace[0]['function'], ' ', $trace[1]['function'], "\n";
echo yes($thrown instanceof RuntimeException), ' ', json_encode($thrown->getPrevious()), "\n";
--EXPECT--
exception_place.php 4 0
DomainDesk\Sync\RegistrarSync->syncDomain there
yes null
