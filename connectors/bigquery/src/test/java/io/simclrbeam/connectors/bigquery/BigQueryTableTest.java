package io.simclrbeam.connectors.bigquery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.simclrbeam.transforms.dataset.TableLoader;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BigQueryTableTest {
  @Test
  void hasTablesBesideIt() {
    BigQueryTable table = BigQueryTable.parse("bq://example.com:my-project.data_1.cats-and-dogs");

    assertThat(table)
        .isEqualTo(new BigQueryTable("example.com:my-project", "data_1", "cats-and-dogs"));
    assertThat(table.embeddings().getTableId()).isEqualTo("cats-and-dogs");
    assertThat(table.rejects().getTableId()).isEqualTo("cats-and-dogs_rejects");
    assertThat(table.runs().getTableId()).isEqualTo("cats-and-dogs_runs");
    assertThat(table.runs().getProjectId()).isEqualTo("example.com:my-project");
    assertThat(table.runs().getDatasetId()).isEqualTo("data_1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bq://p.d",
        "bq://p.d.",
        "bq://p..t",
        "bq://.d.t",
        "bq://P.d.t",
        "bq://p.d-1.t",
        "bq://p.d.t$20260101",
        "bq://p.d.t/u",
        "bq:p.d.t"
      })
  void saysWhatATableIs(String text) {
    TableLoader loader = ServiceLoader.load(TableLoader.class).findFirst().orElseThrow();

    assertThatThrownBy(() -> loader.check(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'%s' is no table of BigQuery; that is bq://project.dataset.table".formatted(text));
  }
}
