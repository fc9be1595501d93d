# 1. Create sensor data Kafka connector
robust-ctl mqtt connector create \
--connector-name "iot_sensor_kafka" \
--connector-type "Kafka" \
--config '{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "iot_sensors", "key": "sensor_key"}' \
--topic-id "iot/sensors/+/data"
# 2. Create device status Kafka connector
robust-ctl mqtt connector create \
--connector-name "device_status_kafka" \
--connector-type "Kafka" \
--config '{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "device_status", "key": "device_key"}' \
--topic-id "iot/devices/+/status"
# 3. Create alarm message Kafka connector
robust-ctl mqtt connector create \
--connector-name "alarm_kafka" \
--connector-type "Kafka" \
--config '{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "alarms", "key": "alarm_key"}' \
--topic-id "iot/alarms/#"
# 4. View created connectors
robust-ctl mqtt connector list
# 5. Test connector (publish test message)
robust-ctl mqtt publish \
--username "test_user" \
--password "test_pass" \
--topic "iot/sensors/temp_001/data" \
--qos 1 \
--message '{"temperature": 25.5, "humidity": 60, "timestamp": 1640995200}'

# Batch operations
for i in {1..3}; do
robust-ctl mqtt connector create \
--connector-name "kafka_connector_$i" \
--connector-type "Kafka" \
--config "{\"bootstrap_servers\": \"localhost:9092\", \"topic\": \"topic_$i\", \"key\": \"key_$i\"}" \
--topic-id "sensor/data_$i"
done
robust-ctl mqtt connector list --connector-name "kafka_connector_01"
robust-ctl mqtt connector delete --connector-name "kafka_connector_1"
