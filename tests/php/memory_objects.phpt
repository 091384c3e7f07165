--TEST--
Objects that are let go of give back their memory, their files and their part of the threads
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
function once(string $name): void {
    $sync = sync();
    $sync->setLogger(fn () => null);
    $sync->syncDomains([$name], true, fn () => true);
    thrown(fn () => $sync->syncDomain('not-there.example'));
}
$name = key(domains(1));
for ($i = 0; $i < 20; $i++) {
    once($name);
}
usleep(300_000);
[$php, $all, $files] = [memory_get_usage(), resident(), count(scandir('/proc/self/fd'))];
for ($i = 0; $i < 200; $i++) {
    once($name);
}
usleep(500_000);
echo yes(memory_get_usage() - $php < 4096), ' ', yes(resident() - $all < 24 * 1024), ' ', yes(count(scandir('/proc/self/fd')) - $files < 20),
    ' ', yes(count(glob('/proc/self/task/*')) < 20), "\n";
--EXPECT--
yes yes yes yes
