<?php

declare(strict_types=1);

namespace Tests;

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Testing\TestCase as LaravelTestCase;
use Illuminate\Support\Facades\Artisan;

abstract class TestCase extends LaravelTestCase
{
    /** What commands print is read as it is; Laravel's doubles of it need Mockery. @var bool */
    public $mockConsoleOutput = false;

    public function createApplication(): Application
    {
        $application = require self::given('DDS_APPLICATION') . '/bootstrap/app.php';
        $application->make(Kernel::class)->bootstrap();

        return $application;
    }

    /** A variable that the runner gives. */
    protected static function given(string $name): string
    {
        $value = getenv($name);

        return $value === false ? throw new \LogicException("$name is missing: run cargo xtask test") : $value;
    }

    /**
     * Runs artisan in a process of its own.
     *
     * @param array<string, string> $environment
     * @return array{0: int, 1: string} exit code and what it said
     */
    protected function artisanProcess(string $command, array $environment = []): array
    {
        $parts = ['timeout', '-s', 'KILL', '60', PHP_BINARY, self::given('DDS_APPLICATION') . '/artisan', ...explode(' ', $command)];
        $process = proc_open($parts, [['file', '/dev/null', 'r'], ['pipe', 'w'], ['redirect', 1]], $pipes, null, $environment + getenv());
        $said = stream_get_contents($pipes[1]);

        return [proc_close($process), $said];
    }

    /** @param array<string, mixed> $arguments @return array{0: int, 1: string} */
    protected function artisanHere(string $command, array $arguments = []): array
    {
        $code = Artisan::call($command, $arguments);

        return [$code, Artisan::output()];
    }
}
