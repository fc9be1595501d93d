package io.sluice.connect.format;

import java.math.BigInteger;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.eclipse.tahu.message.SparkplugBPayloadEncoder;
import org.eclipse.tahu.message.model.DataSet.DataSetBuilder;
import org.eclipse.tahu.message.model.DataSetDataType;
import org.eclipse.tahu.message.model.File;
import org.eclipse.tahu.message.model.MetaData.MetaDataBuilder;
import org.eclipse.tahu.message.model.Metric;
import org.eclipse.tahu.message.model.Metric.MetricBuilder;
import org.eclipse.tahu.message.model.MetricDataType;
import org.eclipse.tahu.message.model.Parameter;
import org.eclipse.tahu.message.model.ParameterDataType;
import org.eclipse.tahu.message.model.PropertyDataType;
import org.eclipse.tahu.message.model.PropertySet.PropertySetBuilder;
import org.eclipse.tahu.message.model.PropertyValue;
import org.eclipse.tahu.message.model.Row.RowBuilder;
import org.eclipse.tahu.message.model.SparkplugBPayload.SparkplugBPayloadBuilder;
import org.eclipse.tahu.message.model.Template.TemplateBuilder;
import org.eclipse.tahu.message.model.Value;

/** Payloads as the reference implementation of Sparkplug B writes them. */
final class TahuPayloads {

    private static final Date TIME = Date.from(Instant.ofEpochMilli(1_772_600_767_890L));

    private TahuPayloads() {}

    /** A birth with every type, whose aliases count from 0. */
    static byte[] birth() throws Exception {
        SparkplugBPayloadBuilder payload =
                new SparkplugBPayloadBuilder(0L).setTimestamp(TIME).setUuid("6f1b");
        payload.addMetric(metric("bdSeq", 0, MetricDataType.Int64, 4L));
        payload.addMetric(metric("Int8", 1, MetricDataType.Int8, (byte) -1));
        payload.addMetric(metric("Int16", 2, MetricDataType.Int16, (short) -2));
        payload.addMetric(metric("Int32", 3, MetricDataType.Int32, -3));
        payload.addMetric(metric("Int64", 4, MetricDataType.Int64, Long.MIN_VALUE));
        payload.addMetric(metric("UInt8", 5, MetricDataType.UInt8, (short) 255));
        payload.addMetric(metric("UInt16", 6, MetricDataType.UInt16, 65_535));
        payload.addMetric(metric("UInt32", 7, MetricDataType.UInt32, 4_294_967_295L));
        payload.addMetric(metric("UInt64", 8, MetricDataType.UInt64, new BigInteger("18446744073709551615")));
        payload.addMetric(metric("Float", 9, MetricDataType.Float, 21.1f));
        payload.addMetric(metric("Double", 10, MetricDataType.Double, 1e-9));
        payload.addMetric(metric("Boolean", 11, MetricDataType.Boolean, true));
        payload.addMetric(metric("String", 12, MetricDataType.String, "21 °C"));
        payload.addMetric(metric("DateTime", 13, MetricDataType.DateTime, TIME));
        payload.addMetric(metric("Text", 14, MetricDataType.Text, "long"));
        payload.addMetric(metric("UUID", 15, MetricDataType.UUID, "84a3c1a6-0000-0000-0000-000000000000"));
        payload.addMetric(metric("Bytes", 16, MetricDataType.Bytes, new byte[] {1, 2}));
        payload.addMetric(metric("File", 17, MetricDataType.File, new File("a.txt", new byte[] {3})));
        payload.addMetric(metric("Int32Array", 18, MetricDataType.Int32Array, new Integer[] {-1, 2}));
        payload.addMetric(metric("FloatArray", 19, MetricDataType.FloatArray, new Float[] {0.5f, -1f}));
        payload.addMetric(metric("BooleanArray", 20, MetricDataType.BooleanArray, new Boolean[] {
            false, false, true, true, false, true, false, false, true, true, false, true
        }));
        payload.addMetric(metric("StringArray", 21, MetricDataType.StringArray, new String[] {"a", "", "ä"}));
        payload.addMetric(metric("DateTimeArray", 22, MetricDataType.DateTimeArray, new Date[] {TIME}));
        payload.addMetric(metric("DataSet", 23, MetricDataType.DataSet, dataSet()));
        payload.addMetric(metric("Template", 24, MetricDataType.Template, template()));
        payload.addMetric(new MetricBuilder("Full", MetricDataType.Double, 3.5)
                .alias(25L)
                .timestamp(TIME)
                .isHistorical(true)
                .isTransient(true)
                .metaData(new MetaDataBuilder()
                        .contentType("text/plain")
                        .size(12L)
                        .seq(1L)
                        .fileName("f")
                        .fileType("t")
                        .md5("m")
                        .multiPart(false)
                        .description("d")
                        .createMetaData())
                .properties(new PropertySetBuilder()
                        .addProperty("engUnit", new PropertyValue<>(PropertyDataType.String, "bar"))
                        .addProperty(
                                "limits",
                                new PropertyValue<>(
                                        PropertyDataType.PropertySet,
                                        new PropertySetBuilder()
                                                .addProperty("high", new PropertyValue<>(PropertyDataType.Double, 9.5))
                                                .createPropertySet()))
                        .createPropertySet())
                .createMetric());
        payload.addMetric(metric("Null", 26, MetricDataType.Int32, null));
        return new SparkplugBPayloadEncoder().getBytes(payload.createPayload(), false);
    }

    private static Metric metric(String name, long alias, MetricDataType type, Object value) throws Exception {
        return new MetricBuilder(name, type, value).alias(alias).timestamp(TIME).createMetric();
    }

    private static Object dataSet() throws Exception {
        return new DataSetBuilder(2)
                .addColumnNames(List.of("at", "value"))
                .addTypes(List.of(DataSetDataType.DateTime, DataSetDataType.Int8))
                .addRow(new RowBuilder()
                        .addValue(new Value<>(DataSetDataType.DateTime, TIME))
                        .addValue(new Value<>(DataSetDataType.Int8, (byte) -5))
                        .createRow())
                .createDataSet();
    }

    private static Object template() throws Exception {
        return new TemplateBuilder()
                .version("1")
                .templateRef("Motor")
                .definition(false)
                .addParameter(new Parameter("poles", ParameterDataType.Int32, 4))
                .addMetric(new MetricBuilder("rpm", MetricDataType.Int32, 1500)
                        .timestamp(TIME)
                        .createMetric())
                .addMetric(new MetricBuilder(
                                "bearing",
                                MetricDataType.Template,
                                new TemplateBuilder()
                                        .templateRef("Bearing")
                                        .definition(false)
                                        .addMetric(new MetricBuilder("temp", MetricDataType.Float, 60.5f)
                                                .timestamp(TIME)
                                                .createMetric())
                                        .createTemplate())
                        .timestamp(TIME)
                        .createMetric())
                .createTemplate();
    }
}
