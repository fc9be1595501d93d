package io.sluice.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws what tables cannot show. */
final class Charts {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 450;
    private static final double[] PERCENTILES = {50, 75, 90, 95, 99, 99.5, 99.9, 99.99};

    private Charts() {}

    /**
     * A chart that was drawn.
     *
     * @param file its name in the report's folder
     */
    record Chart(String title, String file) {}

    static List<Chart> draw(Path folder, Map<String, List<Outcome>> sections) throws IOException {
        List<Chart> charts = new ArrayList<>();
        for (Map.Entry<String, List<Outcome>> section : sections.entrySet()) {
            if (section.getKey().startsWith("Latency")) {
                charts.add(
                        percentiles(folder, section.getKey() + ": end to end", "latency-end-to-end", section, false));
                charts.add(percentiles(folder, section.getKey() + ": PUBACK", "latency-puback", section, true));
            } else if (section.getKey().equals("Throughput")) {
                charts.add(overTime(folder, section.getValue()));
            }
        }
        return charts;
    }

    private static Chart percentiles(
            Path folder, String title, String name, Map.Entry<String, List<Outcome>> section, boolean ack)
            throws IOException {
        Map<String, Histogram> byContender = new LinkedHashMap<>();
        for (Outcome outcome : section.getValue()) {
            Histogram histogram = ack
                    ? outcome.published().ackLatency()
                    : outcome.arrived().map(Tally::latency).orElseGet(() -> new Histogram(3));
            byContender
                    .computeIfAbsent(outcome.contender().name(), any -> new Histogram(3))
                    .add(histogram);
        }
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("1 in … messages is slower")
                .yAxisTitle("milliseconds")
                .build();
        chart.getStyler().setXAxisLogarithmic(true).setYAxisLogarithmic(true);
        byContender.forEach((contender, histogram) -> {
            if (histogram.getTotalCount() > 0) {
                double[] x = new double[PERCENTILES.length];
                double[] y = new double[PERCENTILES.length];
                for (int i = 0; i < PERCENTILES.length; i++) {
                    x[i] = 100 / (100 - PERCENTILES[i]);
                    y[i] = Math.max(0.01, histogram.getValueAtPercentile(PERCENTILES[i]) / 1e6);
                }
                chart.addSeries(contender, x, y).setMarker(SeriesMarkers.CIRCLE);
            }
        });
        return save(chart, folder, title, name);
    }

    private static Chart overTime(Path folder, List<Outcome> outcomes) throws IOException {
        Map<String, Outcome> last = new LinkedHashMap<>();
        outcomes.forEach(outcome -> outcome.arrived()
                .filter(tally -> tally.arrived() > 0)
                .ifPresent(tally -> last.put(outcome.contender().name(), outcome)));
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Arrivals in Kafka over time, last turn")
                .xAxisTitle("seconds")
                .yAxisTitle("messages a second")
                .build();
        last.forEach((contender, outcome) -> {
            List<Integer> slots = outcome.arrived().orElseThrow().perSlot();
            double[] x = new double[slots.size()];
            double[] y = new double[slots.size()];
            for (int i = 0; i < x.length; i++) {
                x[i] = i * Tally.SLOT_NS / 1e9;
                y[i] = slots.get(i) * 1e9 / Tally.SLOT_NS;
            }
            chart.addSeries(contender, x, y).setMarker(SeriesMarkers.NONE);
        });
        return save(chart, folder, "Throughput over time", "throughput");
    }

    private static Chart save(XYChart chart, Path folder, String title, String name) throws IOException {
        VectorGraphicsEncoder.saveVectorGraphic(chart, folder.resolve(name).toString(), VectorGraphicsFormat.SVG);
        return new Chart(title, name + ".svg");
    }
}
