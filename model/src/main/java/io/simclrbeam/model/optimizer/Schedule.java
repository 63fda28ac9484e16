package io.simclrbeam.model.optimizer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;

/** The learning rate of each step, an immutable record of what the user chose. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes(@JsonSubTypes.Type(WarmupCosine.class))
public interface Schedule extends Serializable {
  /**
   * Returns the learning rate of a step.
   *
   * @param step number of the step, from 0
   * @param steps number of steps of the whole run
   */
  double rate(long step, long steps);
}
