--TEST--
A registrar written in PHP may exit, run into a fatal error or out of memory: the process ends as ever
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$run = fn (string $body) => in_process('
    register_shutdown_function(fn () => print("shutdown "));
    $sync = sync();
    $sync->setRegistrar("resellerclub", new class { public function getInfo(string $domain): array { ' . $body . ' } });
    try {
        $sync->syncDomains(array_keys(domains(3)), true);
        echo "went on";
    } catch (Throwable $caught) {
        echo get_class($caught);
    } finally {
        echo "finally";
    }', ['memory_limit=32M']);
[$out, , $code] = $run('exit(7);');
echo "$out$code\n";
[$out, $err, $code] = $run('return undefined_function_in_a_class();');
echo "$out $code\n";
[$out, $err, $code] = $run('trigger_error("over", E_USER_ERROR);');
echo "$out$code ", yes(str_contains($err, 'over')), "\n";
[$out, $err, $code] = $run('$a = str_repeat("x", 1 << 26);');
echo "$out$code ", yes(str_contains($err, 'Allowed memory size')), "\n";
echo value("SELECT count(*) FROM domains WHERE sync_metadata LIKE '%\"lease\"%'"), "\n";
--EXPECT--
shutdown 7
went onfinallyshutdown  0
shutdown 255 yes
shutdown 255 yes
0
