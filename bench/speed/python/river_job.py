"""The windows of system C with river: readings in, a record out for each closed window, scored by half-space trees before they learn it.

One model for all devices: a forest for each of 10,000 would take gigabytes. Behind it a MinMaxScaler, as in river's own examples: the trees want
features in [0, 1]. Positions are committed behind the records that were delivered: at least once.
"""

import sys
import time
from datetime import datetime

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition
from river import anomaly, preprocessing

from windows import Windows

job = dict(argument.split("=", 1) for argument in sys.argv[1:])
first_window_ms = int(job["firstWindowMs"])
commit_interval = int(job["commitIntervalMs"]) / 1000


def fail(error, _):
    if error is not None:
        raise SystemExit(f"a record was not delivered: {error}")


consumer = Consumer({"bootstrap.servers": job["brokers"], "group.id": job["group"], "auto.offset.reset": "earliest", "enable.auto.commit": False, "fetch.min.bytes": 1, "queued.max.messages.kbytes": 262144})
producer = Producer({"bootstrap.servers": job["brokers"], "enable.idempotence": True, "linger.ms": 100, "queue.buffering.max.messages": 2000000, "queue.buffering.max.kbytes": 262144})
consumer.subscribe([job["topic"]])
scaler = preprocessing.MinMaxScaler()
trees = anomaly.HalfSpaceTrees(seed=42)
windows_of, position_of = {}, {}


def write(key, start_ms, end_ms, features):
    device, metric = key
    scaler.learn_one(features)
    x = scaler.transform_one(features)
    score = trees.score_one(x)
    trees.learn_one(x)
    if start_ms < first_window_ms:
        return
    value = {"sensor_id": device, "metric": metric, "window_start": start_ms, "window_end": end_ms, "anomaly_score": score, "features": features}
    producer.produce(job["output"], orjson.dumps(value), device, on_delivery=fail)


def take(message):
    reading = orjson.loads(message.value())
    windows = windows_of.get(message.partition())
    if windows is None:
        windows = windows_of[message.partition()] = Windows(int(job["sizeMs"]), int(job["slideMs"]), int(job["latenessMs"]))
    event_time_ms = round(datetime.fromisoformat(reading["timestamp"]).timestamp() * 1000)
    windows.add((reading["sensor_id"], reading["metric"]), event_time_ms, reading["value"])
    for window in windows.closed():
        write(*window)


has_begun = False
committed_at = time.monotonic()
while True:
    messages = consumer.consume(10000, 0.1)
    if messages and not has_begun:
        print("first", int(time.time() * 1000), flush=True)
        has_begun = True
    for message in messages:
        if message.error() is not None:
            raise SystemExit(str(message.error()))
        take(message)
        position_of[message.partition()] = message.offset() + 1
    producer.poll(0)
    if position_of and time.monotonic() - committed_at >= commit_interval:
        producer.flush()
        consumer.commit(offsets=[TopicPartition(job["topic"], partition, offset) for partition, offset in position_of.items()], asynchronous=False)
        position_of.clear()
        committed_at = time.monotonic()
