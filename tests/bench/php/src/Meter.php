<?php

declare(strict_types=1);

namespace DomainDesk\Bench;

/** Counts what a sync does and measures what it costs, from its first domain to its last. */
final class Meter
{
    public int $domains = 0;
    public int $changed = 0;
    public int $failed = 0;
    public int $httpRequests = 0;
    public int $connections = 0;
    /** Statements that read or write rows; BEGIN and COMMIT are not counted. */
    public int $sqlStatements = 0;

    private float $startedAt;
    private float $cpuAtStart;

    public function __construct()
    {
        $this->startedAt = self::wallSeconds();
        $this->cpuAtStart = self::cpuSeconds();
    }

    /** One line of JSON: what the benchmark reads. */
    public function report(): string
    {
        return json_encode([
            'domains' => $this->domains,
            'changed' => $this->changed,
            'failed' => $this->failed,
            'seconds' => round(self::wallSeconds() - $this->startedAt, 6),
            'cpu_seconds' => round(self::cpuSeconds() - $this->cpuAtStart, 6),
            'peak_rss_kib' => self::peakRssKib(),
            'http_requests' => $this->httpRequests,
            'connections' => $this->connections,
            'sql_statements' => $this->sqlStatements,
        ], JSON_THROW_ON_ERROR) . "\n";
    }

    private static function wallSeconds(): float
    {
        return hrtime(true) / 1e9;
    }

    private static function cpuSeconds(): float
    {
        $usage = getrusage();

        return $usage['ru_utime.tv_sec'] + $usage['ru_stime.tv_sec']
            + ($usage['ru_utime.tv_usec'] + $usage['ru_stime.tv_usec']) / 1e6;
    }

    /** From /proc, since `ru_maxrss` starts with the peak of whoever started this process. */
    private static function peakRssKib(): int
    {
        $status = (string) file_get_contents('/proc/self/status');
        if (preg_match('/^VmHWM:\s+(\d+) kB$/m', $status, $found) !== 1) {
            throw new \RuntimeException('/proc/self/status has no VmHWM');
        }

        return (int) $found[1];
    }
}
